import * as z from "zod";
import { Template } from "../templates.ts";
import { route } from "./route.ts";

/** What the browser must know, at run time, so that one build serves every host. No secrets. */
export const PublicConfig = z.object({
  version: z.string(),
  mode: z.enum(["standalone", "server"]),
  /** How people sign in. A provider with `ldap` asks for a name and a password in our own form. */
  signIn: z.object({
    password: z.boolean(),
    providers: z.array(
      z.object({ id: z.string(), name: z.string(), kind: z.enum(["oidc", "github", "saml", "ldap"]) }),
    ),
  }),
  isolation: z.enum(["container", "bubblewrap", "none"]),
  /** Why cloning is unavailable, or null. */
  gitUnavailable: z.string().nullable(),
  /** false: no model key is configured; the pane says what to do. */
  modelKeyConfigured: z.boolean(),
  templates: z.array(Template.pick({ name: true, description: true, permissionModes: true })),
});
export type PublicConfig = z.infer<typeof PublicConfig>;

export const getConfig = route({
  method: "GET",
  path: "/api/config",
  summary: "The installation's public settings",
  needs: "nobody",
  scope: "any",
  reply: PublicConfig,
});

export const getHealth = route({
  method: "GET",
  path: "/api/health",
  summary: "The process lives",
  needs: "nobody",
  scope: "any",
  reply: z.object({ status: z.literal("ok") }),
});

export const getReady = route({
  method: "GET",
  path: "/api/ready",
  summary: "The process and everything it depends on answer",
  needs: "nobody",
  scope: "any",
  reply: z.object({
    status: z.enum(["ok", "degraded"]),
    checks: z.record(z.string(), z.enum(["ok", "failed"])),
  }),
  errors: ["unavailable"],
});

export const getOpenApi = route({
  method: "GET",
  path: "/api/openapi.json",
  summary: "This document",
  needs: "nobody",
  scope: "any",
  reply: z.looseObject({ openapi: z.string() }),
});
