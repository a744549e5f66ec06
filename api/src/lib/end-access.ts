import type { Transaction } from "@remote-claude/prisma";
import type { Context } from "../context.ts";

/** Tells people's pages that a session is theirs no longer, here and at every other api. */
export function endAccess(
  context: Pick<Context, "broadcast">,
  sessionId: string,
  userIds: readonly string[],
): void {
  context.broadcast.toUsers("session.access-ended", userIds, sessionId, { sessionId });
  for (const userId of userIds) context.broadcast.accessChanged(userId, sessionId, null);
}

/** Somebody's part in a session, which was theirs. */
export interface LostPart {
  readonly sessionId: string;
  readonly userId: string;
}

/**
 * Takes away what admins gave themselves to look inside; `userId` null: all of them. Called in the transaction of what
 * ends their right to it; `endParts` when that is committed.
 */
export function takeAdminsLooks(transaction: Transaction, userId: string | null): Promise<LostPart[]> {
  return transaction.$queryRaw<LostPart[]>`
    delete from session_members where added_by_id = user_id and (${userId}::uuid is null or user_id = ${userId}::uuid)
    returning session_id::text as "sessionId", user_id::text as "userId"`;
}

/** Tells the pages of those who lost their part. */
export function endParts(context: Pick<Context, "broadcast">, parts: readonly LostPart[]): void {
  for (const { sessionId, userId } of parts) endAccess(context, sessionId, [userId]);
}
