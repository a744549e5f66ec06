import { randomInt } from "node:crypto";
import type { DeviceGrant } from "@remote-claude/prisma";
import { AppError, deviceGrantType, TokenScope } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { randomSecret, sha256 } from "../lib/secrets.ts";
import { guardAttempt, guardLink, type SignInSource } from "./sign-in.ts";
import { createToken } from "./tokens.ts";

const lifetimeMs = 10 * 60_000;
const intervalSeconds = 5;
const tokenDays = 90;
/** No vowels and nothing that looks like another: no words, no mistakes. */
const letters = "BCDFGHJKLMNPQRSTVWXZ";
/** What a device gets that does not say what it wants: all that is done in sessions, nothing of the organisation. */
const usualScopes: TokenScope[] = ["sessions:write", "files:write", "terminals:write", "claude:write"];

/** The names that RFC 6749 and RFC 8628 have for what is wrong. */
export type DeviceError =
  | "invalid_request"
  | "invalid_scope"
  | "unsupported_grant_type"
  | "authorization_pending"
  | "slow_down"
  | "access_denied"
  | "expired_token"
  | "invalid_grant";

export class DeviceRefusal extends Error {
  readonly error: DeviceError;
  constructor(error: DeviceError) {
    super(error);
    this.error = error;
  }
}

/** A device's code and what its person types, for ten minutes. */
export async function beginDevice(
  context: Context,
  form: { client_id?: string | undefined; scope?: string | undefined },
  source: SignInSource,
) {
  await guardLink(context, source);
  const clientName = form.client_id?.trim().slice(0, 60) ?? "";
  if (!/^[\w .()-]+$/.test(clientName)) throw new DeviceRefusal("invalid_request");
  const asked = form.scope?.split(/\s+/).filter((scope) => scope !== "") ?? [];
  const scopes = TokenScope.array().safeParse(asked);
  if (!scopes.success) throw new DeviceRefusal("invalid_scope");
  const deviceCode = randomSecret();
  const userCode = Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join("");
  const now = context.clock.now();
  await context.db.deviceGrant.create({
    data: {
      hash: sha256(deviceCode),
      userCode,
      clientName,
      scopes: scopes.data.length === 0 ? usualScopes : [...new Set(scopes.data)],
      address: source.address,
      createdAt: now,
      expiresAt: new Date(now.getTime() + lifetimeMs),
    },
  });
  const shown = `${userCode.slice(0, 4)}-${userCode.slice(4)}`;
  const page = `${context.config.publicUrl}/device`;
  return {
    device_code: deviceCode,
    user_code: shown,
    verification_uri: page,
    verification_uri_complete: `${page}?code=${shown}`,
    expires_in: lifetimeMs / 1000,
    interval: intervalSeconds,
  };
}

/** What the device asks again and again: the token, once, when the person has said yes. */
export async function pollDevice(
  context: Context,
  form: { grant_type?: string | undefined; device_code?: string | undefined },
  source: SignInSource,
) {
  if (form.grant_type !== deviceGrantType) throw new DeviceRefusal("unsupported_grant_type");
  const hash = sha256(form.device_code ?? "");
  const grant = await context.db.deviceGrant.findUnique({ where: { hash } });
  if (grant === null || grant.state === "used") throw new DeviceRefusal("invalid_grant");
  const now = context.clock.now();
  if (grant.expiresAt <= now) throw new DeviceRefusal("expired_token");
  if (grant.state === "denied") throw new DeviceRefusal("access_denied");
  if (grant.state === "pending") {
    const { lastPolledAt: last } = grant;
    await context.db.deviceGrant.update({ where: { hash }, data: { lastPolledAt: now } });
    const tooSoon = last !== null && now.getTime() - last.getTime() < (intervalSeconds - 1) * 1000;
    throw new DeviceRefusal(tooSoon ? "slow_down" : "authorization_pending");
  }
  return redeem(context, grant, source);
}

async function redeem(context: Context, grant: DeviceGrant, source: SignInSource) {
  const claimed = await context.db.deviceGrant.updateMany({
    where: { id: grant.id, state: "approved" },
    data: { state: "used" },
  });
  const user =
    grant.userId === null ? null : await context.db.user.findUnique({ where: { id: grant.userId } });
  if (claimed.count === 0 || user === null || user.status !== "active") {
    throw new DeviceRefusal("invalid_grant");
  }
  const owner = {
    ...source,
    id: user.id,
    name: user.name,
    email: user.email,
    role: user.role,
    // Of no consequence: who acts is the person, by the device.
    via: { kind: "sign-in", id: grant.id },
  } as const;
  const { secret, token } = await createToken(context, owner, {
    name: `${grant.clientName} (device)`,
    expiresInDays: tokenDays,
    scopes: TokenScope.array().parse(grant.scopes),
    device: true,
  });
  return {
    access_token: secret,
    token_type: "Bearer" as const,
    expires_in: tokenDays * 24 * 3600,
    scope: token.scopes.join(" "),
  };
}

/** The waiting device of this code. Guesses are limited, for each person who tries. */
export async function findDevice(
  context: Context,
  principal: Principal,
  userCode: string,
): Promise<DeviceGrant> {
  const attempt = await guardAttempt(context, `device ${principal.email}`, principal);
  const grant = await context.db.deviceGrant.findUnique({
    where: { userCode, state: "pending", expiresAt: { gt: context.clock.now() } },
  });
  if (grant === null)
    throw new AppError("not_found", "No device waits with this code. Codes last ten minutes.");
  await attempt.succeeded();
  return grant;
}

export async function answerDevice(
  context: Context,
  principal: Principal,
  userCode: string,
  decision: "approve" | "deny",
): Promise<void> {
  const grant = await findDevice(context, principal, userCode);
  await context.db.$transaction(async (transaction) => {
    const { count } = await transaction.deviceGrant.updateMany({
      where: { id: grant.id, state: "pending" },
      data: { state: decision === "approve" ? "approved" : "denied", userId: principal.id },
    });
    if (count === 0) throw new AppError("not_found", "This device was answered already.");
    await record(transaction, {
      action: decision === "approve" ? "device.approved" : "device.denied",
      actor: principal,
      target: grant.clientName,
      details: { scopes: grant.scopes, address: grant.address },
    });
  });
}
