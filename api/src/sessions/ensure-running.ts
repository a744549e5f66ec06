import { AppError } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, SessionRecord } from "../context.ts";
import { announceSession } from "./announce.ts";
import { launchInBackground } from "./launch.ts";
import { thaw } from "./pause.ts";
import { findRecord } from "./queries.ts";
import { assertMayRunOneMore } from "./quota.ts";
import { sessionQueueOf } from "./session-queue.ts";
import { changeState } from "./state.ts";

/** A session can be stopping, then be started: more turns than that mean that people undo each other's work. */
const maxTurns = 4;

/**
 * Starts the session if it does not run, on its owner's behalf, and resolves when it does: what a background task
 * needs. Throws AppError with the reason when it cannot.
 */
export async function ensureRunning(context: Context, sessionId: string): Promise<void> {
  for (let turn = 0; turn < maxTurns; turn += 1) {
    const session = await findRecord(context.db, sessionId);
    if (session === null || session.state === "deleting") {
      throw new AppError("not_found", "The session was deleted.");
    }
    if (session.state === "running") return;
    if (session.state === "failed" && turn > 0) {
      throw new AppError("session_not_ready", session.stateMessage ?? "The session did not start.");
    }
    if (session.state === "paused") {
      await thaw(context, sessionId, { actor: { kind: "system" }, details: { reason: "task" } });
      continue;
    }
    if (session.state === "stopped" || session.state === "failed") await resume(context, session);
    // After whatever is being done to it: an empty piece of work at the end of its line.
    await sessionQueueOf(context).add(sessionId, async () => {});
  }
  throw new AppError("session_not_ready", "The session does not stay running.");
}

async function resume(context: Context, session: SessionRecord): Promise<void> {
  await context.db.$transaction(async (transaction) => {
    await assertMayRunOneMore(context, transaction, session.ownerId);
    if (!(await changeState(context, transaction, session.id, ["stopped", "failed"], "starting"))) return;
    await record(transaction, {
      action: "session.resumed",
      actor: { kind: "system" },
      onBehalfOf: session.ownerId,
      sessionId: session.id,
      target: session.name,
      details: { reason: "task" },
    });
  });
  announceSession(context, session.id);
  void launchInBackground(context, session.id);
}
