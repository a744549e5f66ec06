import type { Prisma } from "@remote-claude/prisma";
import { AppError, type TaskState, taskTransitions } from "@remote-claude/protocol";
import type { Context } from "../context.ts";

const predecessorsOf = (to: TaskState): TaskState[] =>
  (Object.keys(taskTransitions) as TaskState[]).filter((from) =>
    (taskTransitions[from] as readonly TaskState[]).includes(to),
  );

/** Moves a task into a state if its present one allows it. False: somebody else moved it first. */
export async function moveTask(
  db: Pick<Context["db"], "task">,
  taskId: string,
  to: TaskState,
  data: Prisma.TaskUpdateManyMutationInput = {},
): Promise<boolean> {
  const moved = await db.task.updateMany({
    where: { id: taskId, state: { in: predecessorsOf(to) } },
    data: { ...data, state: to },
  });
  return moved.count > 0;
}

/** Moves a task, or refuses, naming the state it is in. */
export async function moveTaskOrRefuse(
  db: Pick<Context["db"], "task">,
  taskId: string,
  to: TaskState,
  data: Prisma.TaskUpdateManyMutationInput = {},
): Promise<void> {
  if (await moveTask(db, taskId, to, data)) return;
  const row = await db.task.findUnique({ where: { id: taskId }, select: { state: true } });
  throw new AppError("conflict", `The task is ${row?.state ?? "gone"} already.`);
}
