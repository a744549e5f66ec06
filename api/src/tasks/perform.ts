import type { Task } from "@remote-claude/prisma";
import { AppError, type JournalEntry, type TurnResult } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { type Chat, followTurn, sendPrompt } from "../chat/index.ts";
import { keepPatch, keepTranscript, takeSnapshot } from "./artifacts.ts";
import { moveTask } from "./state.ts";

const agentWaitMs = 60_000;

class TimedOut extends Error {}
class Cancelled extends Error {}

export interface Tasks extends Chat {
  /** Starts the session if it is stopped, and resolves when it runs. Throws AppError when it cannot. */
  ensureRunning(sessionId: string): Promise<void>;
}

type PreparedTask = Task & { conversationId: string; messageId: string };

/** A signal that aborts when the task's time is up or somebody cancelled it. */
function deadlineOf(tasks: Tasks, task: Task): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const leftMs =
    (task.startedAt ?? tasks.context.clock.now()).getTime() +
    task.timeoutMs -
    tasks.context.clock.now().getTime();
  const timer = setTimeout(() => controller.abort(new TimedOut()), Math.max(leftMs, 0));
  const watch = setInterval(() => {
    tasks.context.db.task
      .findUnique({ where: { id: task.id }, select: { state: true } })
      .then((row) => {
        if (row === null || row.state === "cancelled") controller.abort(new Cancelled());
      })
      // The database is away: the next look decides.
      .catch(() => {});
  }, 1000);
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      clearInterval(watch);
    },
  };
}

/** While Claude asks for a permission, the task waits. */
function followState(tasks: Tasks, taskId: string) {
  const open = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  return ({ event }: JournalEntry) => {
    if (event.kind === "permission-asked") open.add(event.requestId);
    else if (event.kind === "permission-answered") open.delete(event.requestId);
    else return;
    const state = open.size > 0 ? "waiting" : "running";
    last = last
      .then(() => moveTask(tasks.context.db, taskId, state))
      .catch((error: unknown) => tasks.context.log.warn({ err: error, taskId }, "task state not moved"));
  };
}

async function runTurn(
  tasks: Tasks,
  task: PreparedTask,
  signal: AbortSignal,
): Promise<{ turn: TurnResult; afterSeq: number }> {
  const { context } = tasks;
  const { sessionId, conversationId, messageId } = task;
  const user = await context.db.user.findUniqueOrThrow({ where: { id: task.createdById } });
  if (user.status !== "active") throw new AppError("forbidden", "The person who gave this task is disabled.");
  const actor = { id: user.id, name: user.name };
  if (task.permissionMode !== null) {
    const payload = { conversationId, permissionMode: task.permissionMode };
    await context.agents.request(sessionId, "chat.configure", payload, { actor });
  }
  const auditActor = { kind: "user", userId: user.id, address: null, userAgent: null } as const;
  const prompt = { sessionId, conversationId, messageId, text: task.prompt, actor, auditActor };
  // Sent before a crash? The agent knows the message by its id and runs it once.
  const request = await sendPrompt(tasks, prompt);
  const turn = await followTurn(tasks, request, { entry: followState(tasks, task.id) }, signal);
  return { turn, afterSeq: request.afterSeq };
}

async function finish(
  tasks: Tasks,
  task: PreparedTask,
  outcome: { turn: TurnResult; afterSeq: number },
  from: string | null,
) {
  const { turn, afterSeq } = outcome;
  const described = { ...task, taskId: task.id, afterSeq };
  await keepTranscript(tasks, described);
  await keepPatch(tasks, described, from);
  const ended = { endedAt: tasks.context.clock.now(), costUsd: turn.costUsd };
  if (turn.outcome === "completed") await end(tasks, task, "succeeded", { ...ended, result: turn.text });
  else {
    const result = turn.failure?.message ?? "The turn was stopped.";
    await end(tasks, task, "failed", { ...ended, result, failure: turn.failure?.reason ?? "interrupted" });
  }
}

async function end(
  tasks: Tasks,
  task: Task,
  state: "succeeded" | "failed",
  data: { endedAt: Date; result: string; failure?: string; costUsd?: number },
): Promise<void> {
  await tasks.context.db.$transaction(async (tx) => {
    // Cancelled meanwhile: that stands.
    if (!(await moveTask(tx, task.id, state, data))) return;
    const result = state === "succeeded" ? "success" : "failed";
    const { sessionId, createdById } = task;
    const actor = { kind: "claude", userId: createdById } as const;
    await record(tx, { action: "task.ended", actor, result, sessionId, target: task.id, details: { state } });
  });
}

/** Stops Claude; the turn then ends by itself. */
async function interrupt({ context }: Tasks, task: PreparedTask): Promise<void> {
  const { sessionId, conversationId } = task;
  await context.agents.request(sessionId, "chat.interrupt", { conversationId }).catch(() => {});
}

async function onFailed(tasks: Tasks, task: PreparedTask, error: unknown): Promise<void> {
  const endedAt = tasks.context.clock.now();
  if (error instanceof Cancelled) return interrupt(tasks, task);
  if (error instanceof TimedOut) {
    await interrupt(tasks, task);
    const minutes = Math.round(task.timeoutMs / 60_000);
    return end(tasks, task, "failed", {
      endedAt,
      failure: "timeout",
      result: `Not done within ${minutes} minutes.`,
    });
  }
  // What may pass, the queue tries again; the last attempt says why.
  const passing =
    !(error instanceof AppError) ||
    ["agent_unreachable", "unavailable", "timeout", "internal"].includes(error.code);
  if (passing && task.attempts < task.maxAttempts) {
    await moveTask(tasks.context.db, task.id, "queued");
    throw error;
  }
  const result = error instanceof AppError ? error.message : "Something went wrong on the server.";
  await end(tasks, task, "failed", { endedAt, failure: "internal", result });
}

/** Runs a task from wherever it stands: fresh from the queue, or left behind by an api that was killed. */
export async function performTask(tasks: Tasks, taskId: string): Promise<void> {
  const { context } = tasks;
  const { db, clock } = context;
  const found = await db.task.findUnique({ where: { id: taskId } });
  if (found === null || ["succeeded", "failed", "cancelled"].includes(found.state)) return;
  if (found.state === "queued" && !(await moveTask(db, taskId, "running"))) return;
  const attempt = { attempts: { increment: 1 }, startedAt: found.startedAt ?? clock.now() };
  const task = (await db.task.update({ where: { id: taskId }, data: attempt })) as PreparedTask;
  const deadline = deadlineOf(tasks, task);
  try {
    await tasks.ensureRunning(task.sessionId);
    await context.agents.ready(task.sessionId, agentWaitMs);
    const from = await takeSnapshot(tasks, task.sessionId);
    await finish(tasks, task, await runTurn(tasks, task, deadline.signal), from);
  } catch (error) {
    context.log.warn({ err: error, taskId }, "task attempt ended");
    await onFailed(tasks, task, error);
  } finally {
    deadline.end();
  }
}
