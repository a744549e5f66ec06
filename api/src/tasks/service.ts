import { newId } from "@remote-claude/prisma";
import { AppError, type PermissionMode, type Task } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { assertMode, titleOf } from "../chat/index.ts";
import type { Context, Principal } from "../context.ts";
import { storableText } from "../lib/storable.ts";
import { presentTask, withArtifacts } from "./present.ts";
import type { TaskQueue } from "./queue.ts";
import { moveTaskOrRefuse } from "./state.ts";

const defaultTimeoutMinutes = 60;
const maxAttempts = 3;
const maxOpenTasks = 100;

export interface NewTask {
  readonly prompt: string;
  readonly permissionMode?: PermissionMode | undefined;
  readonly timeoutMinutes?: number | undefined;
}

/** Makes the task, its conversation and its place in the queue, in one transaction. */
export async function createTask(
  context: Context,
  queue: TaskQueue,
  principal: Principal,
  sessionId: string,
  request: NewTask,
): Promise<Task> {
  await assertMode(context, principal, sessionId, request.permissionMode);
  const id = newId();
  const timeoutMs = (request.timeoutMinutes ?? defaultTimeoutMinutes) * 60_000;
  const prompt = storableText(request.prompt);
  const row = await context.db.$transaction(async (tx) => {
    // One at a time for each session, so that the limit cannot be passed by asking twice at once.
    await tx.$executeRaw`select 1 from sessions where id = ${sessionId}::uuid for no key update`;
    const open = await tx.task.count({
      where: { sessionId, state: { in: ["queued", "running", "waiting"] } },
    });
    if (open >= maxOpenTasks) {
      throw new AppError("quota_exceeded", `At most ${maxOpenTasks} tasks of a session may be open.`);
    }
    const conversation = await tx.conversation.create({
      data: { id: newId(), sessionId, title: titleOf(prompt), createdById: principal.id },
    });
    const created = await tx.task.create({
      data: {
        id,
        sessionId,
        conversationId: conversation.id,
        createdById: principal.id,
        prompt,
        permissionMode: request.permissionMode ?? null,
        timeoutMs,
        maxAttempts,
        messageId: newId(),
      },
      include: withArtifacts,
    });
    await queue.enqueue(tx, id, timeoutMs);
    const details = { prompt, permissionMode: request.permissionMode ?? null };
    await record(tx, { action: "task.created", actor: principal, sessionId, target: id, details });
    return created;
  });
  return presentTask(row);
}

export async function listTasks(context: Context, sessionId: string): Promise<Task[]> {
  const rows = await context.db.task.findMany({
    where: { sessionId },
    orderBy: { createdAt: "desc" },
    take: 200,
    include: withArtifacts,
  });
  return rows.map(presentTask);
}

export async function getTask(context: Context, sessionId: string, taskId: string): Promise<Task> {
  const row = await context.db.task.findFirst({ where: { id: taskId, sessionId }, include: withArtifacts });
  if (row === null) throw new AppError("not_found", "There is no such task.");
  return presentTask(row);
}

/** Cancels a task that has not ended: a queued one never begins, a running one is stopped; what it did stays. */
export async function cancelTask(
  context: Context,
  queue: TaskQueue,
  principal: Principal,
  sessionId: string,
  taskId: string,
): Promise<Task> {
  const { conversationId, state } = await getTask(context, sessionId, taskId);
  await context.db.$transaction(async (tx) => {
    await moveTaskOrRefuse(tx, { id: taskId }, "cancelled", { endedAt: context.clock.now() });
    await record(tx, { action: "task.cancelled", actor: principal, sessionId, target: taskId });
  });
  await queue
    .remove(taskId)
    .catch((error: unknown) => context.log.debug({ err: error, taskId }, "not in the queue"));
  if (conversationId !== null && state !== "queued" && context.agents.info(sessionId) !== null) {
    // Its worker notices by itself too; this is only sooner.
    await context.agents.request(sessionId, "chat.interrupt", { conversationId }).catch(() => {});
  }
  return getTask(context, sessionId, taskId);
}

/** The artifact's row and its bytes. */
export async function openArtifact(context: Context, sessionId: string, artifactId: string) {
  const row = await context.db.artifact.findFirst({ where: { id: artifactId, sessionId } });
  if (row === null) throw new AppError("not_found", "There is no such artifact.");
  const { body } = await context.storage.get(row.storageKey);
  return { row, body };
}
