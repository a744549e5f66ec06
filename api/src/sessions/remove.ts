import type { Context } from "../context.ts";
import { forgetArchive } from "./launch.ts";
import { findRecord, listMembers } from "./queries.ts";
import { sessionQueueOf } from "./session-queue.ts";

/**
 * Removes all of a session that is `deleting`: place, workspace, home, conversations, tasks and artifacts. The
 * bare row stays, marked, because usage and audit rows name it. Resolves when that is done, or could not be done
 * now: the session stays `deleting` then, and the sweep tries again.
 */
export function removeInBackground(context: Context, sessionId: string): Promise<void> {
  return sessionQueueOf(context).replace(sessionId, async () => {
    try {
      await remove(context, sessionId);
    } catch (error) {
      context.log.warn({ err: error, sessionId }, "a session could not be removed yet");
    }
  });
}

async function remove(context: Context, sessionId: string): Promise<void> {
  const session = await findRecord(context.db, sessionId);
  if (session?.state !== "deleting") return;
  context.agents.release(sessionId);
  if (session.placeId !== null) await context.manager.remove(session.placeId);
  await removeArtifacts(context, sessionId);
  if (session.archiveKey !== null) await forgetArchive(context, session.archiveKey);
  const now = context.clock.now();
  const members = await listMembers(context.db, sessionId, now);
  await context.db.$transaction([
    context.db.task.deleteMany({ where: { sessionId } }),
    context.db.conversation.deleteMany({ where: { sessionId } }),
    context.db.conversationDraft.deleteMany({ where: { sessionId } }),
    context.db.sessionMember.deleteMany({ where: { sessionId } }),
    context.db.shareLink.deleteMany({ where: { sessionId } }),
    context.db.place.updateMany({ where: { sessionId }, data: { removedAt: now, state: "stopped" } }),
    context.db.session.update({
      where: { id: sessionId },
      data: { deletedAt: now, archiveKey: null, sizeBytes: null },
    }),
  ]);
  const userIds = members.map(({ userId }) => userId);
  context.broadcast.toUsers("session.deleted", userIds, sessionId, { sessionId });
}

/** Bytes first: a row without bytes is found and removed again, bytes without a row would stay for good. */
async function removeArtifacts(context: Context, sessionId: string): Promise<void> {
  const artifacts = await context.db.artifact.findMany({
    where: { sessionId },
    select: { id: true, storageKey: true },
  });
  for (const { id, storageKey } of artifacts) {
    await context.storage.delete(storageKey);
    await context.db.artifact.deleteMany({ where: { id } });
  }
}
