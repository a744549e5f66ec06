import type { Context } from "../context.ts";
import { announceSession } from "./announce.ts";
import { findRecord } from "./queries.ts";
import { sessionQueueOf } from "./session-queue.ts";
import { changeState } from "./state.ts";

/**
 * Ends what runs of a session that is `stopping`. Resolves when that is done, or could not be done now: the
 * session stays `stopping` then, and the sweep tries again.
 */
export function stopInBackground(context: Context, sessionId: string): Promise<void> {
  return sessionQueueOf(context).replace(sessionId, async () => {
    try {
      await stop(context, sessionId);
    } catch (error) {
      context.log.warn({ err: error, sessionId }, "a session could not be stopped yet");
    }
  });
}

async function stop(context: Context, sessionId: string): Promise<void> {
  const session = await findRecord(context.db, sessionId);
  if (session?.state !== "stopping") return;
  context.agents.release(sessionId);
  if (session.placeId !== null) await context.manager.stop(session.placeId);
  await context.db.$transaction(async (transaction) => {
    const now = context.clock.now();
    await changeState(context, transaction, sessionId, ["stopping"], "stopped", {
      reason: session.stopReason,
      message: session.stateMessage,
      stoppedAt: now,
    });
    if (session.placeId === null) return;
    await transaction.place.updateMany({ where: { id: session.placeId }, data: { state: "stopped" } });
  });
  announceSession(context, sessionId);
}
