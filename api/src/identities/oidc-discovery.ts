import { createRemoteJWKSet, type JWTVerifyGetKey } from "jose";
import { request } from "undici";
import { z } from "zod";
import type { Context } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import type { OidcConfig } from "../sign-in-config/index.ts";

const askMs = 5000;
const freshMs = 60 * 60_000;

/** The browser is sent there: a script is no address. */
const Address = z.url({ protocol: /^https?$/ });
const Discovery = z.looseObject({
  issuer: z.string(),
  end_session_endpoint: Address.optional(),
  jwks_uri: Address.optional(),
});
export type Discovery = z.infer<typeof Discovery>;

const withoutSlash = (url: string) => url.replace(/\/+$/, "");

/** What the provider's discovery document says of it. */
export async function discover({ issuer }: Pick<OidcConfig, "issuer">): Promise<Discovery> {
  const url = `${withoutSlash(issuer)}/.well-known/openid-configuration`;
  const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(askMs) });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`the provider answered ${statusCode}`);
  }
  const found = Discovery.parse(await body.json());
  // Tokens go to where this document says, and are believed by the keys it names: it must be the provider's own.
  if (withoutSlash(found.issuer) !== withoutSlash(issuer)) {
    throw new Error(`the provider calls itself ${found.issuer}`);
  }
  return found;
}

interface Keys {
  readonly issuer: string;
  readonly keys: JWTVerifyGetKey;
  readonly readAt: number;
}

const keptOf = perContext(() => new Map<string, Keys>());

/** The issuer as it writes itself, and its keys, which are asked for anew when a token names one that is not known. */
export async function getSigningKeys(context: Context, provider: OidcConfig): Promise<Keys> {
  const kept = keptOf(context);
  const now = context.clock.now().getTime();
  const known = kept.get(provider.id);
  if (known !== undefined && now - known.readAt < freshMs) return known;
  const { issuer, jwks_uri } = await discover(provider);
  if (jwks_uri === undefined) throw new Error("the provider names no keys");
  const keys = createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: askMs });
  const found = { issuer, keys, readAt: now };
  kept.set(provider.id, found);
  return found;
}
