import type { Transaction, User } from "@remote-claude/prisma";
import { AppError } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { endParts, type LostPart } from "../lib/end-access.ts";
import { announceSession, deleteAllByAdmin } from "../sessions/index.ts";
import { revokeAllLinks } from "../sharing/index.ts";
import { lockAdmins } from "./users.ts";

export type SessionsFate =
  | { readonly sessions: "delete" }
  | { readonly sessions: "give"; readonly to: string };

/**
 * Takes a person away for good. Usage, tasks and the record go on referring to the row, so it stays, without a name, an
 * address or any way in; the record keeps who it was. Their sessions go first, or to somebody else.
 */
export async function deleteUser(
  context: Context,
  principal: Principal,
  userId: string,
  fate: SessionsFate,
): Promise<void> {
  const { given, out } = await context.db.$transaction(async (transaction) => {
    // In the order in which a sign-in takes them (identities/service.ts): neither waits for the other.
    await transaction.$executeRaw`select 1 from user_identities where user_id = ${userId}::uuid order by id for update`;
    const user = await lockAdmins(
      transaction,
      principal,
      userId,
      ({ id, role, status }) => id === principal.id || (role === "admin" && status === "active"),
    );
    const gift =
      fate.sessions === "give" && (await giveSessions(context, transaction, principal, user, fate.to));
    if (fate.sessions === "delete") await assertNothingStarts(transaction, userId);
    await takeWaysIn(transaction, user.id);
    await anonymise(context, transaction, user);
    await record(transaction, {
      action: "user.deleted",
      actor: principal,
      target: user.email,
      details: { userId, name: user.name, ...fate },
    });
    return gift || { given: [], out: [] };
  });
  context.broadcast.disconnect({ userId }, "sign-in-again");
  endParts(context, out);
  for (const sessionId of given) announceSession(context, sessionId);
  if (fate.sessions === "delete") await deleteAllByAdmin(context, principal, userId);
}

/** No session may be made for them between this and the end: their row is locked. */
async function assertNothingStarts(transaction: Transaction, userId: string): Promise<void> {
  await transaction.$executeRaw`select 1 from users where id = ${userId}::uuid for update`;
}

/** What was given, and who lost their part by that. */
async function giveSessions(
  context: Context,
  transaction: Transaction,
  principal: Principal,
  from: User,
  email: string,
): Promise<{ given: string[]; out: LostPart[] }> {
  const to = await transaction.user.findFirst({ where: { email, status: "active" } });
  if (to === null || to.id === from.id) {
    throw new AppError("conflict", "to: nobody else with this address can sign in here.");
  }
  await assertNothingStarts(transaction, from.id);
  const where = { ownerId: from.id, deletedAt: null };
  const sessions = await transaction.session.findMany({ where, select: { id: true, name: true } });
  const ids = sessions.map(({ id }) => id);
  await transaction.session.updateMany({ where: { id: { in: ids } }, data: { ownerId: to.id } });
  await transaction.sessionMember.deleteMany({ where: { sessionId: { in: ids }, userId: to.id } });
  const out = await revokeAllLinks(context, transaction, ids);
  for (const { id, name } of sessions) {
    await record(transaction, {
      action: "session.given",
      actor: principal,
      sessionId: id,
      target: name,
      onBehalfOf: from.id,
      details: {
        from: from.id,
        to: to.id,
        out: out.filter(({ sessionId }) => sessionId === id).map(({ userId }) => userId),
      },
    });
  }
  return { given: ids, out };
}

async function takeWaysIn(transaction: Transaction, userId: string): Promise<void> {
  const where = { userId };
  await transaction.signIn.deleteMany({ where });
  await transaction.signInLink.deleteMany({ where });
  await transaction.token.deleteMany({ where });
  await transaction.userIdentity.deleteMany({ where });
  await transaction.recoveryCode.deleteMany({ where });
  await transaction.deviceGrant.deleteMany({ where });
  await transaction.gitCredential.deleteMany({ where });
  await transaction.sessionMember.deleteMany({ where });
  await transaction.conversationDraft.deleteMany({ where });
}

async function anonymise({ clock }: Context, transaction: Transaction, { id }: User): Promise<void> {
  const now = clock.now();
  await transaction.user.update({
    where: { id },
    data: {
      email: `${id}@deleted.invalid`,
      name: "Deleted person",
      status: "disabled",
      role: "member",
      passwordHash: null,
      totpSecret: null,
      totpEnabledAt: null,
      preferences: {},
      disabledAt: now,
      deletedAt: now,
    },
  });
}
