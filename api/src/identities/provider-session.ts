import { z } from "zod";
import type { Context } from "../context.ts";
import { seal, unseal } from "../lib/seal.ts";

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
