import { createHmac } from "node:crypto";
import type { PlaceRequest, Template } from "@remote-claude/protocol";
import type { Config } from "../config.ts";
import { placeSecret } from "../lib/secrets.ts";

/** How many places of this template are to stand ready. */
export function warmCount({ templates, warmPlaces }: Config, name: string): number {
  const template = templates.get(name);
  if (template === undefined) return 0;
  return template.warm ?? (name === "default" ? warmPlaces : 0);
}

/**
 * A digest of all that a place is made from and its session relies on: image, limits, egress, permission modes, our
 * keys and our release. A place whose digest is another is claimed by nobody, and replaced.
 */
export function recipeOf(config: Config, name: string): string {
  const { description: _, warm: __, idle: ___, ...made } = config.templates.get(name) ?? {};
  const parts = [made, warmsClaude(config, config.templates.get(name)), config.apiPublicKey, config.version];
  // By the places' secret key, so that another one is noticed and nothing is told of it.
  return createHmac("sha256", config.placeSecretKey).update(JSON.stringify(parts)).digest("base64url");
}

/** What session-manager is asked for. */
export function warmRequest(config: Config, placeId: string, template: string): PlaceRequest {
  return {
    template,
    apiPublicKey: config.apiPublicKey,
    placeSecret: placeSecret(config.placeSecretKey, placeId),
    warm: true,
    warmClaude: warmsClaude(config, config.templates.get(template)),
  };
}

/** A server has the 200 MB to spare that a Claude Code process takes; a laptop that keeps a place ready has less. */
function warmsClaude({ mode }: Config, template: Template | undefined): boolean {
  return template?.warmClaude ?? mode === "server";
}
