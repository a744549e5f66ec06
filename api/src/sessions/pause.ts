import { AppError } from "@remote-claude/protocol";
import { type AuditActor, record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { announceSession } from "./announce.ts";
import { failSession } from "./launch.ts";
import { findRecord } from "./queries.ts";
import { sessionQueueOf, unlessAborted } from "./session-queue.ts";
import { changeState } from "./state.ts";

const agentReadyMs = 20_000;

/**
 * Freezes what runs of a session that is `paused`. Resolves when that is done, or could not be done now: the row says
 * what is wanted, and the sweep tries again.
 */
export function pauseInBackground(context: Context, sessionId: string): Promise<void> {
  return sessionQueueOf(context).replace(sessionId, async () => {
    try {
      await freeze(context, sessionId);
    } catch (error) {
      context.log.warn({ err: error, sessionId }, "a session could not be paused yet");
    }
  });
}

async function freeze(context: Context, sessionId: string): Promise<void> {
  const session = await findRecord(context.db, sessionId);
  if (session?.state !== "paused" || session.placeId === null) return;
  // A frozen agent answers nothing: nobody is left to take its silence for an end. What it has to say it keeps.
  context.agents.release(sessionId);
  await context.manager.pause(session.placeId);
  await context.db.place.update({ where: { id: session.placeId }, data: { state: "paused" } });
}

/**
 * Lets a paused session go on, after whatever is being done to it. Throws AppError when it cannot; it stays paused
 * when that may pass, and has failed when not.
 */
export async function thaw(
  context: Context,
  sessionId: string,
  { actor, details }: { actor: AuditActor; details?: Record<string, unknown> },
): Promise<void> {
  let failure: Error | null = null as Error | null;
  await sessionQueueOf(context).add(sessionId, async (signal) => {
    try {
      await goOn(context, sessionId, signal, { actor, ...(details === undefined ? {} : { details }) });
    } catch (error) {
      if (!signal.aborted) failure = error as Error;
    }
  });
  if (failure === null) return;
  context.log.warn({ err: failure, sessionId }, "a paused session did not go on");
  const { code } = failure instanceof AppError ? failure : { code: "internal" as const };
  // The manager is away, or the engine: nothing is lost, and the next attempt may do.
  if (code !== "unavailable" && code !== "engine_unavailable") {
    const message = "The paused session could not go on, so what ran in it has ended. Its files are kept.";
    await failSession(context, sessionId, ["paused"], "agent-lost", message);
  }
  throw failure;
}

async function goOn(
  context: Context,
  sessionId: string,
  signal: AbortSignal,
  { actor, details }: { actor: AuditActor; details?: Record<string, unknown> },
): Promise<void> {
  const session = await findRecord(context.db, sessionId);
  if (session?.state !== "paused" || session.placeId === null) return;
  const { placeId } = session;
  await context.manager.resume(placeId);
  context.agents.attach(sessionId, placeId);
  await unlessAborted(context.agents.ready(sessionId, agentReadyMs), signal);
  signal.throwIfAborted();
  const changed = await context.db.$transaction(async (transaction) => {
    const lastActiveAt = context.clock.now();
    if (!(await changeState(context, transaction, sessionId, ["paused"], "running", { lastActiveAt })))
      return false;
    await transaction.place.update({ where: { id: placeId }, data: { state: "running" } });
    await record(transaction, {
      action: "session.resumed",
      actor,
      onBehalfOf: "kind" in actor ? session.ownerId : null,
      sessionId,
      target: session.name,
      details: { from: "paused", ...details },
    });
    return true;
  });
  if (changed) announceSession(context, sessionId);
}
