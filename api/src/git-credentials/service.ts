import { gitSecretOf } from "@remote-claude/prisma/sealing";
import { AppError, type GitCredentialTest } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import { createMemoryRateLimiter, type Rate } from "../lib/rate-limit.ts";
import { askEgressToTest } from "./ask-egress.ts";
import type { ListedCredential } from "./present.ts";
import { sealerOf } from "./sealer.ts";

const maxCredentials = 50;
/** Each asks a host outside, which counts the wrong ones. */
const tests: Rate = { capacity: 20, windowMs: 10 * 60_000 };
const testLimiterOf = perContext((context) => createMemoryRateLimiter(context.clock));

/** Shorter ones would be given away by their end. */
const minTokenForHint = 16;

const listed = { host: true, username: true, hint: true, createdAt: true, lastUsedAt: true } as const;

/** The person's own, by host. */
export function listGitCredentials(context: Context, principal: Principal): Promise<ListedCredential[]> {
  return context.db.gitCredential.findMany({
    where: { userId: principal.id },
    select: listed,
    orderBy: { host: "asc" },
  });
}

/** Stores a credential, in place of the one there was for that host. From here on only egress opens it. */
export async function putGitCredential(
  context: Context,
  principal: Principal,
  host: string,
  { username, token }: { username: string; token: string },
): Promise<ListedCredential> {
  const userId = principal.id;
  const { bytes, keyId } = sealerOf(context).seal(token, gitSecretOf(userId, host));
  const stored = {
    username,
    secret: new Uint8Array(bytes),
    keyId,
    hint: token.length >= minTokenForHint ? token.slice(-4) : "",
    createdAt: context.clock.now(),
    lastUsedAt: null,
  };
  return context.db.$transaction(async (transaction) => {
    const others = await transaction.gitCredential.count({ where: { userId, host: { not: host } } });
    if (others >= maxCredentials) {
      throw new AppError(
        "quota_exceeded",
        `You have stored ${maxCredentials} credentials. Remove one first.`,
      );
    }
    const row = await transaction.gitCredential.upsert({
      where: { userId_host: { userId, host } },
      create: { userId, host, ...stored },
      update: stored,
      select: listed,
    });
    await record(transaction, {
      action: "git-credential.stored",
      actor: principal,
      target: host,
      details: { username, keyId },
    });
    return row;
  });
}

/** Removes one of the person's own. */
export async function deleteGitCredential(
  context: Context,
  principal: Principal,
  host: string,
): Promise<void> {
  await context.db.$transaction(async (transaction) => {
    const { count } = await transaction.gitCredential.deleteMany({ where: { userId: principal.id, host } });
    if (count === 0) throw noneFor(host);
    await record(transaction, { action: "git-credential.deleted", actor: principal, target: host });
  });
}

/** Has the host asked whether it accepts the credential: by egress, which alone reaches it. */
export async function testGitCredential(
  context: Context,
  principal: Principal,
  host: string,
  repository: string | null,
): Promise<GitCredentialTest> {
  const known = await context.db.gitCredential.count({ where: { userId: principal.id, host } });
  if (known === 0) throw noneFor(host);
  const decision = await testLimiterOf(context).take(principal.id, tests);
  if (!decision.ok) {
    const { retryAfterSeconds } = decision;
    throw new AppError("rate_limited", `Too many tests. Try again in ${retryAfterSeconds} seconds.`, {
      details: { retryAfterSeconds },
    });
  }
  const result = await askEgressToTest(context, { userId: principal.id, host, repository });
  await record(context.db, {
    action: "git-credential.tested",
    actor: principal,
    result: result.outcome === "refused" ? "refused" : "success",
    target: host,
    details: { outcome: result.outcome, ...(repository === null ? {} : { repository }) },
  });
  return result;
}

const noneFor = (host: string) => new AppError("not_found", `You have stored no credential for ${host}.`);
