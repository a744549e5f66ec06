import type { Transaction, User } from "@remote-claude/prisma";
import { AppError, type WaysIn } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { endTokens, removeSecondFactor, takeTokens } from "../auth/index.ts";
import type { Context, Principal } from "../context.ts";
import { findIssuer, presentProviders, unknownIssuer } from "../identities/index.ts";
import { lockAdmins } from "./users.ts";

/** The providers that are set up, by id: only through these do identities lead in. */
const providerNames = ({ config }: Context) =>
  new Map(presentProviders(config.signIn).map(({ id, name }) => [id, name]));

/** Whether a provider of this id is set up, and is still the one that vouched. */
function leadsIn(context: Context, { provider, issuer }: { provider: string; issuer: string }): boolean {
  if (!providerNames(context).has(provider)) return false;
  const present = findIssuer(context, provider);
  return present === null || issuer === unknownIssuer || issuer === present;
}

const hasPassword = ({ config }: Context, { passwordHash }: Pick<User, "passwordHash">) =>
  config.signIn.password && passwordHash !== null;

export async function waysInOf(context: Context, userId: string): Promise<WaysIn> {
  const user = await context.db.user.findUniqueOrThrow({
    where: { id: userId },
    include: { identities: { orderBy: { createdAt: "asc" } } },
  });
  const names = providerNames(context);
  return {
    password: hasPassword(context, user),
    secondFactor: user.totpEnabledAt !== null,
    identities: user.identities.map(({ id, provider, issuer, createdAt }) => ({
      id,
      provider,
      issuer: issuer === unknownIssuer ? null : issuer,
      isSetUp: names.has(provider),
      name: leadsIn(context, { provider, issuer }) ? (names.get(provider) ?? null) : null,
      linkedAt: createdAt.toISOString(),
    })),
  };
}

/** For somebody who lost their device: the next sign-in asks for no code, and what they allowed devices ends. One's own asks for the password (auth). */
export async function resetSecondFactor(
  context: Context,
  principal: Principal,
  userId: string,
): Promise<void> {
  if (userId === principal.id) {
    throw new AppError("conflict", "Turn your own second factor off in your settings.");
  }
  const tokens = await context.db.$transaction(async (transaction) => {
    const { email } = await lockAdmins(transaction, principal, userId, () => false);
    await removeSecondFactor(transaction, userId);
    const details = { userId };
    await record(transaction, {
      action: "user.second-factor-reset",
      actor: principal,
      target: email,
      details,
    });
    return takeTokens(context, transaction, principal, { userId, which: "devices" });
  });
  endTokens(context, tokens);
}

/** Takes the link to a provider away; whoever signed in by it is out at once. */
export async function unlinkIdentity(
  context: Context,
  principal: Principal,
  userId: string,
  identityId: string,
): Promise<void> {
  const ended = await context.db.$transaction(async (transaction) => {
    // In the order in which a sign-in takes them, which may change who is an admin: neither waits for the other.
    await transaction.$queryRaw`select id from user_identities where id = ${identityId}::uuid for update`;
    const user = await lockAdmins(transaction, principal, userId, () => false);
    const identities = await transaction.userIdentity.findMany({ where: { userId } });
    const identity = identities.find(({ id }) => id === identityId);
    if (identity === undefined) throw new AppError("not_found", "There is no such link to a provider.");
    const others = identities.filter((other) => other !== identity);
    if (userId === principal.id) assertWayIn(context, user, others);
    await transaction.userIdentity.delete({ where: { id: identityId } });
    await record(transaction, {
      action: "user.unlinked",
      actor: principal,
      target: user.email,
      details: { userId, provider: identity.provider },
    });
    return endSignInsBy(context, transaction, userId, identity.provider);
  });
  for (const signInId of ended) context.broadcast.disconnect({ signInId }, "sign-in-again");
}

function assertWayIn(
  context: Context,
  user: User,
  identities: readonly { provider: string; issuer: string }[],
): void {
  if (hasPassword(context, user) || identities.some((identity) => leadsIn(context, identity))) return;
  throw new AppError("conflict", "This is your only way to sign in. Ask another admin.");
}

async function endSignInsBy(
  { clock }: Context,
  transaction: Transaction,
  userId: string,
  method: string,
): Promise<string[]> {
  const now = clock.now();
  // A code of theirs that is on its way would still become a sign-in.
  await transaction.signInLink.updateMany({ where: { userId, method, usedAt: null }, data: { usedAt: now } });
  const rows = await transaction.signIn.findMany({
    where: { userId, method, revokedAt: null },
    select: { id: true },
  });
  const ids = rows.map(({ id }) => id);
  await transaction.signIn.updateMany({ where: { id: { in: ids } }, data: { revokedAt: now } });
  return ids;
}
