import type { Transaction, User } from "@remote-claude/prisma";
import { AppError, secondFactorNeeded } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Config } from "../config.ts";
import type { Context, Principal } from "../context.ts";
import { randomSecret, sha256 } from "../lib/secrets.ts";
import { type Attempt, signInGuardOf, TooManyAttempts } from "./guard.ts";
import { verifyPassword } from "./passwords.ts";
import { useSecondFactor } from "./second-factor.ts";
import { signInEnd } from "./sign-in-end.ts";

/** From where somebody signs in. */
export interface SignInSource {
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
}

export interface SignedIn {
  /** The secret for the cookie; the row keeps its hash only. */
  readonly signInId: string;
  readonly user: User;
}

/** Somebody who has proved who they are, and how. */
export interface Proven {
  readonly user: User;
  readonly method: string;
  readonly source: SignInSource;
  readonly provider?: FromProvider | undefined;
}

/** What is kept of the session at the provider that somebody signed in by. */
export interface FromProvider {
  /** What ending it takes, sealed. */
  readonly session: Uint8Array<ArrayBuffer> | null;
  /** By which the provider's word that it has ended is recognised. */
  readonly sessionHash: string | null;
}

/** One sentence for every way to be wrong: it does not tell whether the account exists. */
const wrong = () => new AppError("unauthenticated", "The e-mail address or the password is wrong.");

export interface PasswordProof {
  readonly email: string;
  readonly password: string;
  /** Of the authenticator app, or a recovery code. */
  readonly secondFactor?: string | undefined;
}

export async function signInByPassword(
  context: Context,
  { email, password, secondFactor }: PasswordProof,
  source: SignInSource,
): Promise<SignedIn> {
  if (!context.config.signIn.password) {
    throw new AppError("forbidden", "Passwords are off here: sign in with your organisation instead.");
  }
  const guarded = await guard(context, email, source);
  const user = await context.db.user.findUnique({ where: { email } });
  const matches = await verifyPassword(user?.passwordHash ?? null, password);
  if (user === null || !matches || user.status !== "active") {
    await recordFailure(context, email, user, { method: "password", source });
    throw wrong();
  }
  await guarded.succeeded();
  await provePossession(context, user, secondFactor, source);
  if (!isAllowedAddress(context.config, user.email))
    throw await refuseDomain(context, user, "password", source);
  return context.db.$transaction((transaction) =>
    beginSignIn(context, transaction, { user, method: "password", source }),
  );
}

/**
 * The second factor of those who have one. Asked for after the password alone: a stranger learns nothing of it. Its
 * attempts are counted apart: the password was right.
 */
async function provePossession(
  context: Context,
  user: User,
  code: string | undefined,
  source: SignInSource,
): Promise<void> {
  if (user.totpEnabledAt === null) return;
  if (code === undefined) {
    throw new AppError("unauthenticated", secondFactorNeeded, { details: { secondFactor: true } });
  }
  const who = { userId: user.id, address: source.address };
  const taken = signInGuardOf(context).attemptCode(context, who);
  const attempt = await recordRefusal(context, user.email, source, taken);
  if (await useSecondFactor(context, context.db, user, code)) return attempt.succeeded();
  await recordFailure(context, user.email, user, { method: "second-factor", source });
  throw new AppError("unauthenticated", "This code is not right, or it was used already.");
}

/** ALLOWED_DOMAINS; the first admin of the settings is let in whatever else they say, or nobody could be. */
export function isAllowedAddress({ allowedDomains, admin }: Config, email: string): boolean {
  if (allowedDomains.length === 0 || email === admin.email) return true;
  return allowedDomains.includes(email.slice(email.lastIndexOf("@") + 1));
}

/** Said only to who has proved to be that person. */
async function refuseDomain(
  context: Context,
  user: User,
  method: string,
  source: SignInSource,
): Promise<AppError> {
  await record(context.db, {
    action: "sign-in.failed",
    result: "refused",
    actor: { kind: "user", userId: user.id, ...source },
    target: user.email,
    details: { method, reason: "domain not allowed" },
  });
  return new AppError("forbidden", "Addresses of this domain may not sign in here.");
}

/** An attempt with a secret that nobody can guess, from this address. */
export function guardLink(context: Context, source: SignInSource): Promise<Attempt> {
  return guard(context, null, source);
}

/** An attempt with a password, whoever checks it, on this name from this address. */
export function guardAttempt(context: Context, login: string, source: SignInSource): Promise<Attempt> {
  return guard(context, login, source);
}

/** An attempt on somebody whom a provider of names and passwords found, however their name was spelt. */
export function guardEntry(
  context: Context,
  { provider, subject, login }: { provider: string; subject: string; login: string },
  source: SignInSource,
): Promise<Attempt> {
  const { address } = source;
  const attempt = signInGuardOf(context).attemptEntry(context, { provider, subject, address });
  return recordRefusal(context, login, source, attempt);
}

/** Somebody sets out to a provider, from this address. */
export function guardBeginning(context: Context, source: SignInSource): Promise<void> {
  return recordRefusal(context, null, source, signInGuardOf(context).begin(source.address));
}

/** `email` null: by a link, which names nobody. */
function guard(context: Context, email: string | null, source: SignInSource): Promise<Attempt> {
  const guard = signInGuardOf(context);
  const { address } = source;
  const attempt = email === null ? guard.attemptLink(address) : guard.attempt(context, { email, address });
  return recordRefusal(context, email, source, attempt);
}

async function recordRefusal<T>(
  context: Context,
  email: string | null,
  source: SignInSource,
  attempt: Promise<T>,
): Promise<T> {
  try {
    return await attempt;
  } catch (error) {
    if (error instanceof TooManyAttempts && error.first) {
      await record(context.db, {
        action: "sign-in.failed",
        result: "refused",
        actor: { kind: "user", userId: null, ...source },
        target: email,
        details: { reason: "too many attempts" },
      });
    }
    throw error;
  }
}

async function recordFailure(
  context: Context,
  email: string,
  user: User | null,
  { method, source }: { method: "password" | "second-factor"; source: SignInSource },
): Promise<void> {
  await context.db.$transaction(async (transaction) => {
    await transaction.user.updateMany({
      where: { email },
      data: { failedSignIns: { increment: 1 }, lastFailedSignInAt: context.clock.now() },
    });
    await record(transaction, {
      action: "sign-in.failed",
      result: "failed",
      actor: { kind: "user", userId: null, ...source },
      target: email,
      details: { method, disabled: user?.status === "disabled" },
    });
  });
}

export function signInByLink(context: Context, token: string, source: SignInSource): Promise<SignedIn> {
  return redeem(context, { hash: sha256(token), purpose: "link", binding: null }, source);
}

/** The code that SAML hands over counts only in the browser that began. */
export function signInByCode(
  context: Context,
  { token, binding }: { token: string; binding: string },
  source: SignInSource,
): Promise<SignedIn> {
  return redeem(context, { hash: sha256(token), purpose: "code", binding: sha256(binding) }, source);
}

/** A link or code counts once: whoever marks it used signs in. */
async function redeem(
  context: Context,
  proof: { hash: string; purpose: "link" | "code"; binding: string | null },
  source: SignInSource,
): Promise<SignedIn> {
  const guarded = await guard(context, null, source);
  const now = context.clock.now();
  const named = await context.db.signInLink.findUnique({ where: proof, include: { user: true } });
  if (named !== null && !isAllowedAddress(context.config, named.user.email)) {
    throw await refuseDomain(context, named.user, "link", source);
  }
  const signedIn = await context.db.$transaction(async (transaction) => {
    const link = await transaction.signInLink.findUnique({ where: proof, include: { user: true } });
    const claimed = await transaction.signInLink.updateMany({
      where: { ...proof, usedAt: null, expiresAt: { gt: now }, user: { status: "active" } },
      data: { usedAt: now },
    });
    if (link === null || claimed.count === 0) {
      await record(transaction, {
        action: "sign-in.failed",
        result: "failed",
        actor: { kind: "user", userId: null, ...source },
        details: { method: proof.purpose, reason: link === null ? "unknown" : "used or expired" },
      });
      return null;
    }
    return beginSignIn(context, transaction, {
      user: link.user,
      method: link.method ?? "link",
      source,
      provider: { session: link.providerSession, sessionHash: link.providerSessionHash },
    });
  });
  if (signedIn === null)
    throw new AppError("unauthenticated", "This link was used already, or it is too old.");
  await guarded.succeeded();
  return signedIn;
}

/** Makes the sign-in row of somebody who has proved who they are. */
export async function beginSignIn(
  context: Context,
  transaction: Transaction,
  { user, method, source, provider }: Proven,
): Promise<SignedIn> {
  const now = context.clock.now();
  const signInId = randomSecret();
  // Their row first: who is disabled at this moment waits for us and ends this sign-in too, or went before.
  const { count } = await transaction.user.updateMany({
    where: { id: user.id, status: "active" },
    data: { lastSignInAt: now, failedSignIns: 0 },
  });
  if (count === 0) throw new AppError("unauthenticated", "Sign-in failed. Try again.");
  const row = await transaction.signIn.create({
    data: {
      hash: sha256(signInId),
      userId: user.id,
      method,
      providerSession: provider?.session ?? null,
      providerSessionHash: provider?.sessionHash ?? null,
      address: source.address,
      userAgent: source.userAgent?.slice(0, 500) ?? null,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: signInEnd(context, now, now),
    },
  });
  await record(transaction, {
    action: "sign-in.succeeded",
    actor: { kind: "user", userId: user.id, ...source },
    details: { method, signIn: row.id },
  });
  return { signInId, user };
}

/** Where this person is signed in, last used first. */
export function listSignIns(context: Context, principal: Principal) {
  return context.db.signIn.findMany({
    where: { userId: principal.id, revokedAt: null, expiresAt: { gt: context.clock.now() } },
    orderBy: { lastUsedAt: "desc" },
  });
}

/** Ends one of the person's own sign-ins, and its live connections. */
export async function revokeSignIn(context: Context, principal: Principal, signInId: string): Promise<void> {
  await context.db.$transaction(async (transaction) => {
    const { count } = await transaction.signIn.updateMany({
      where: { id: signInId, userId: principal.id, revokedAt: null },
      data: { revokedAt: context.clock.now() },
    });
    if (count === 0) throw new AppError("not_found", "You have no such sign-in.");
    await record(transaction, { action: "sign-in.ended", actor: principal, details: { signIn: signInId } });
  });
  context.broadcast.disconnect({ signInId }, "sign-in-again");
}
