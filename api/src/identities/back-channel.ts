import { AppError } from "@remote-claude/protocol";
import { jwtVerify } from "jose";
import { z } from "zod";
import { record } from "../audit/index.ts";
import { guardLink, type SignInSource } from "../auth/index.ts";
import type { Context } from "../context.ts";
import type { OidcConfig } from "../sign-in-config/index.ts";
import { endProviderSessions } from "./end-provider-sessions.ts";
import { getSigningKeys } from "./oidc-discovery.ts";
import { hashOfSession } from "./provider-session.ts";
import { useMessage } from "./saml-messages.ts";

const clockSkewSeconds = 60;
/** A provider sends it when it happens; it may try again for a while. */
const maxAgeSeconds = 10 * 60;
const event = "http://schemas.openid.net/event/backchannel-logout";
/** Signed by the provider alone: what is signed with the client's secret, anybody could sign who has it. */
const algorithms = ["RS", "PS", "ES"].flatMap((kind) => ["256", "384", "512"].map((bits) => kind + bits));

const LogoutClaims = z
  .looseObject({
    sub: z.string().min(1).max(500).optional(),
    sid: z.string().min(1).max(500).optional(),
    jti: z.string().min(1).max(500),
    iat: z.number(),
    exp: z.number(),
    events: z.looseObject({ [event]: z.looseObject({}) }),
    nonce: z.never().optional(),
  })
  .refine(
    ({ sub, sid }) => sub !== undefined || sid !== undefined,
    "it names neither a person nor a session",
  );

/** The provider says, from server to server, that somebody signed out there (OpenID Connect Back-Channel Logout 1.0). */
export async function endByLogoutToken(
  context: Context,
  providerId: string,
  token: string,
  source: SignInSource,
): Promise<void> {
  const provider = context.config.signIn.oidc.find(({ id }) => id === providerId);
  if (provider === undefined) throw new AppError("not_found", "There is no such sign-in provider.");
  const attempt = await guardLink(context, source);
  const { sub, sid } = await readLogoutToken(context, provider, token).catch(async (error: unknown) => {
    context.log.warn({ err: error }, "a logout token was refused");
    await record(context.db, {
      action: "sign-in.failed",
      result: "refused",
      actor: { kind: "user", userId: null, ...source },
      details: { method: provider.id, reason: `logout token: ${reasonOf(error)}` },
    });
    throw new AppError("bad_request", "This logout token is not right, or it was used before.");
  });
  await attempt.succeeded();
  const session = sid === undefined ? null : hashOfSession(context, provider.id, sid);
  await endProviderSessions(context, { provider: provider.id, subject: sub ?? null, session }, source);
}

const reasonOf = (error: unknown) =>
  error instanceof z.ZodError
    ? "a claim is missing or wrong"
    : error instanceof Error
      ? error.message
      : "unknown";

async function readLogoutToken(context: Context, provider: OidcConfig, token: string) {
  const { issuer, keys } = await getSigningKeys(context, provider);
  const now = context.clock.now();
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer,
    audience: provider.clientId,
    algorithms,
    clockTolerance: clockSkewSeconds,
    maxTokenAge: maxAgeSeconds,
    currentDate: now,
    requiredClaims: ["iat", "exp", "jti", "events"],
  });
  const type = protectedHeader.typ?.toLowerCase();
  if (type !== undefined && type !== "logout+jwt" && type !== "jwt") throw new Error(`it is a ${type}`);
  const claims = LogoutClaims.parse(payload);
  const until = new Date(now.getTime() + (maxAgeSeconds + 2 * clockSkewSeconds) * 1000);
  if (!(await useMessage(context, "logout", `${provider.id} ${claims.jti}`, until))) {
    throw new Error("it was used before");
  }
  return claims;
}
