import { AppError, errorTable, type TurnResult } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { type Chat, SessionEnded } from "../chat/index.ts";
import { orAborted } from "../lib/or-aborted.ts";
import { keepPatch, keepTranscript, takeSnapshot } from "./artifacts.ts";
import { beginAttempt } from "./begin.ts";
import { Cancelled, Stopping, Superseded, TimedOut, watchTask } from "./deadline.ts";
import { assertMayWork, findSent, runTurn } from "./run-turn.ts";
import { moveTask, type PreparedTask } from "./state.ts";

const agentWaitMs = 60_000;

export interface Tasks extends Chat {
  /** Starts the session if it is stopped, and resolves when it runs. Throws AppError when it cannot. */
  ensureRunning(sessionId: string): Promise<void>;
}

/**
 * Runs a task from wherever it stands: fresh from the queue, or left behind by an api that was killed. Throws when
 * the queue shall try again; `stopping` aborts when this api ends.
 */
export async function performTask(tasks: Tasks, taskId: string, stopping: AbortSignal): Promise<void> {
  const { context } = tasks;
  const task = await beginAttempt(context, taskId);
  if (task === null) return;
  const { signal, end } = watchTask(context, task, stopping);
  try {
    await attempt(tasks, task, signal);
  } catch (error) {
    context.log.warn({ err: error, taskId }, "task attempt ended");
    await onFailed(tasks, task, error);
  } finally {
    end();
  }
}

async function attempt(tasks: Tasks, task: PreparedTask, signal: AbortSignal): Promise<void> {
  const { sessionId } = task;
  await assertMayWork(tasks, task);
  await orAborted(signal, tasks.ensureRunning(sessionId));
  await orAborted(signal, tasks.context.agents.ready(sessionId, agentWaitMs));
  const from = await orAborted(signal, firstSnapshot(tasks, task));
  const { turn, afterSeq } = await runTurn(tasks, task, signal);
  await keepTranscript(tasks, task, afterSeq);
  await keepPatch(tasks, task, from);
  await endBy(tasks, task, turn);
}

/** The workspace before the first attempt: what a later one finds is the first one's work too. */
async function firstSnapshot(tasks: Tasks, task: PreparedTask): Promise<string | null> {
  if (task.snapshot !== null) return task.snapshot;
  const snapshot = await takeSnapshot(tasks, task.sessionId);
  const { id, attemptId } = task;
  if (snapshot !== null)
    await tasks.context.db.task.updateMany({ where: { id, attemptId }, data: { snapshot } });
  return snapshot;
}

function endBy(tasks: Tasks, task: PreparedTask, turn: TurnResult): Promise<void> {
  const { costUsd } = turn;
  if (turn.outcome === "completed") return end(tasks, task, "succeeded", { costUsd, result: turn.text });
  const result = turn.failure?.message ?? "The turn was stopped.";
  return end(tasks, task, "failed", { costUsd, result, failure: turn.failure?.reason ?? "interrupted" });
}

async function end(
  { context }: Tasks,
  task: PreparedTask,
  state: "succeeded" | "failed",
  data: { result: string; failure?: string; costUsd?: number },
): Promise<void> {
  const endedAt = context.clock.now();
  await context.db.$transaction(async (tx) => {
    // Cancelled meanwhile: that stands.
    if (!(await moveTask(tx, task, state, { ...data, endedAt }))) return;
    const { sessionId, createdById, id } = task;
    await record(tx, {
      action: "task.ended",
      actor: { kind: "claude", userId: createdById },
      result: state === "succeeded" ? "success" : "failed",
      sessionId,
      target: id,
      details: { state, failure: data.failure ?? null },
    });
  });
}

/** Stops Claude; the turn then ends by itself. */
async function interrupt({ context }: Tasks, { sessionId, conversationId }: PreparedTask): Promise<void> {
  await context.agents.request(sessionId, "chat.interrupt", { conversationId }).catch(() => {});
}

/** Transcript and patch of a turn that was cut short, as far as there are any. What happened to it stands without. */
async function keepWhatThereIs(tasks: Tasks, task: PreparedTask): Promise<void> {
  const { context } = tasks;
  try {
    const sent = await findSent(tasks, task);
    if (sent === null) return;
    await keepTranscript(tasks, task, sent.afterSeq);
    const { snapshot } = await context.db.task.findUniqueOrThrow({
      where: { id: task.id },
      select: { snapshot: true },
    });
    if (context.agents.info(task.sessionId) !== null) await keepPatch(tasks, task, snapshot);
  } catch (error) {
    context.log.warn({ err: error, taskId: task.id }, "not everything of a task was kept");
  }
}

async function onFailed(tasks: Tasks, task: PreparedTask, error: unknown): Promise<void> {
  if (error instanceof Superseded) return;
  if (error instanceof Stopping) throw error;
  if (error instanceof Cancelled) {
    await interrupt(tasks, task);
    return keepWhatThereIs(tasks, task);
  }
  if (error instanceof TimedOut) {
    await interrupt(tasks, task);
    await keepWhatThereIs(tasks, task);
    return end(tasks, task, "failed", { failure: "timeout", result: error.message });
  }
  if (error instanceof SessionEnded) {
    return end(tasks, task, "failed", { failure: error.reason ?? "internal", result: error.message });
  }
  // What may pass, the queue tries again; the last attempt says why.
  if (mayPass(error) && task.attempts < task.maxAttempts) {
    await moveTask(tasks.context.db, task, "queued");
    throw error;
  }
  const result = error instanceof AppError ? error.message : "Something went wrong on the server.";
  await end(tasks, task, "failed", { failure: "internal", result });
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof AppError)) return true;
  return errorTable[error.code].retryable || error.code === "internal";
}
