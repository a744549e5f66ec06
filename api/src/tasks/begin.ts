import { newId } from "@remote-claude/prisma";
import type { Context } from "../context.ts";
import { moveTask, type PreparedTask } from "./state.ts";

/**
 * Takes up a task: fresh from the queue, or left behind by a worker that is gone, which from now on can change
 * nothing about it. Null when there is nothing to do.
 */
export async function beginAttempt({ db, clock }: Context, taskId: string): Promise<PreparedTask | null> {
  const found = await db.task.findUnique({ where: { id: taskId } });
  if (found === null) return null;
  const attemptId = newId();
  if (found.state === "queued") {
    const startedAt = found.startedAt ?? clock.now();
    await moveTask(db, { id: taskId }, "running", { attemptId, startedAt, attempts: { increment: 1 } });
  } else {
    const where = { id: taskId, state: { in: ["running" as const, "waiting" as const] } };
    await db.task.updateMany({ where, data: { attemptId } });
  }
  const task = await db.task.findUnique({ where: { id: taskId, attemptId } });
  return task as PreparedTask | null;
}
