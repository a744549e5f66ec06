import type { Prisma, Task } from "@remote-claude/prisma";
import { AppError, type TaskState, taskTransitions } from "@remote-claude/protocol";
import type { Context } from "../context.ts";

/** A task that a worker has taken up. */
export type PreparedTask = Task & { conversationId: string; messageId: string; attemptId: string };

const predecessorsOf = (to: TaskState): TaskState[] =>
  (Object.keys(taskTransitions) as TaskState[]).filter((from) =>
    (taskTransitions[from] as readonly TaskState[]).includes(to),
  );

/**
 * Moves a task into a state if its present one allows it, and if it is still this attempt's when one is named.
 * False: somebody else moved it first.
 */
export async function moveTask(
  db: Pick<Context["db"], "task">,
  task: { readonly id: string; readonly attemptId?: string },
  to: TaskState,
  data: Prisma.TaskUpdateManyMutationInput = {},
): Promise<boolean> {
  const { id, attemptId } = task;
  const moved = await db.task.updateMany({
    where: { id, state: { in: predecessorsOf(to) }, ...(attemptId !== undefined && { attemptId }) },
    data: { ...data, state: to },
  });
  return moved.count > 0;
}

/** Moves a task, or refuses, naming the state it is in. */
export async function moveTaskOrRefuse(
  db: Pick<Context["db"], "task">,
  task: { readonly id: string },
  to: TaskState,
  data: Prisma.TaskUpdateManyMutationInput = {},
): Promise<void> {
  if (await moveTask(db, task, to, data)) return;
  const row = await db.task.findUnique({ where: { id: task.id }, select: { state: true } });
  throw new AppError("conflict", `The task is ${row?.state ?? "gone"} already.`);
}

/**
 * True while the task is under way, or was cancelled in it, and is this attempt's; holds the row so that it stays so
 * in the transaction.
 */
export async function holdsTask(
  transaction: Pick<Context["db"], "task">,
  { id, attemptId }: PreparedTask,
): Promise<boolean> {
  const held = await transaction.task.updateMany({
    where: { id, attemptId, state: { in: ["running", "waiting", "cancelled"] } },
    data: { attemptId },
  });
  return held.count > 0;
}
