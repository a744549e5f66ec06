import type { Transaction, User } from "@remote-claude/prisma";
import { AppError, type WaysIn } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { removeSecondFactor } from "../auth/index.ts";
import type { Context, Principal } from "../context.ts";
import { presentProviders } from "../identities/index.ts";
import { lockAdmins } from "./users.ts";

/** The providers that are set up, by id: only through these do identities lead in. */
const providerNames = ({ config }: Context) =>
  new Map(presentProviders(config.signIn).map(({ id, name }) => [id, name]));

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
    identities: user.identities.map(({ id, provider, createdAt }) => ({
      id,
      provider,
      name: names.get(provider) ?? null,
      linkedAt: createdAt.toISOString(),
    })),
  };
}

/** For somebody who lost their device: the next sign-in asks for no code. One's own asks for the password (auth). */
export async function resetSecondFactor(
  context: Context,
  principal: Principal,
  userId: string,
): Promise<void> {
  if (userId === principal.id) {
    throw new AppError("conflict", "Turn your own second factor off in your settings.");
  }
  await context.db.$transaction(async (transaction) => {
    const { email } = await lockAdmins(transaction, principal, userId, () => false);
    await removeSecondFactor(transaction, userId);
    const details = { userId };
    await record(transaction, {
      action: "user.second-factor-reset",
      actor: principal,
      target: email,
      details,
    });
  });
}

/** Takes the link to a provider away; whoever signed in by it is out at once. */
export async function unlinkIdentity(
  context: Context,
  principal: Principal,
  userId: string,
  identityId: string,
): Promise<void> {
  const ended = await context.db.$transaction(async (transaction) => {
    const user = await lockAdmins(transaction, principal, userId, () => false);
    const identities = await transaction.userIdentity.findMany({ where: { userId } });
    const identity = identities.find(({ id }) => id === identityId);
    if (identity === undefined) throw new AppError("not_found", "There is no such link to a provider.");
    const others = identities.filter((other) => other !== identity).map(({ provider }) => provider);
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

function assertWayIn(context: Context, user: User, providers: readonly string[]): void {
  const names = providerNames(context);
  if (hasPassword(context, user) || providers.some((provider) => names.has(provider))) return;
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
