import { decodeJwt } from "jose";
import { z } from "zod";
import type { Context } from "../context.ts";
import { seal, unseal } from "../lib/seal.ts";
import { sha256 } from "../lib/secrets.ts";
import { findIssuer } from "./issuers.ts";

/** What it takes to end somebody's session at their provider, too. */
export const ProviderSession = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("oidc"), provider: z.string(), idToken: z.string() }),
  z.object({
    kind: z.literal("saml"),
    nameId: z.string(),
    nameIdFormat: z.string(),
    sessionIndex: z.string().optional(),
  }),
]);
export type ProviderSession = z.infer<typeof ProviderSession>;

const purpose = "provider-session";

export function sealProviderSession({ config }: Context, session: ProviderSession): Uint8Array<ArrayBuffer> {
  return seal(config.placeSecretKey, purpose, JSON.stringify(session));
}

export function openProviderSession({ config }: Context, sealed: Uint8Array): ProviderSession | null {
  const text = unseal(config.placeSecretKey, purpose, sealed);
  return text === null ? null : ProviderSession.parse(JSON.parse(text));
}

/** How a session of the provider is known here: by a hash, since nothing else is wanted of it. */
export function hashOfSession(context: Context, provider: string, session: string): string {
  return sha256(JSON.stringify([provider, findIssuer(context, provider), session]));
}

/** The provider's session that an id token, which web has checked, belongs to; null: it does not say. */
export function sessionOfIdToken(idToken: string): string | null {
  try {
    const { sid } = decodeJwt(idToken);
    return typeof sid === "string" && sid !== "" ? sid : null;
  } catch {
    return null;
  }
}
