import type { Context } from "../context.ts";
import { findRecord } from "./queries.ts";
import { sessionQueueOf } from "./session-queue.ts";

/**
 * Is attached to the agent of a session that another api started, and no longer to that of one that it stopped: any
 * api serves any browser, and any may have to take over the recording. Returns how to stop that.
 */
export function followOtherReplicas(context: Context): () => void {
  return context.replicas.onSessionChange((sessionId) => {
    follow(context, sessionId).catch((error: unknown) =>
      context.log.warn({ err: error, sessionId }, "another api's session not followed"),
    );
  });
}

async function follow(context: Context, sessionId: string): Promise<void> {
  const session = await findRecord(context.db, sessionId);
  if (session?.state === "running") {
    if (session.placeId !== null) context.agents.attach(sessionId, session.placeId);
    return;
  }
  const ended = session === null || ["paused", "stopped", "failed"].includes(session.state);
  if (ended && !sessionQueueOf(context).isBusy(sessionId)) context.agents.release(sessionId);
}
