import { AppError, type JournalEntry, type TurnResult } from "@remote-claude/protocol";
import { type Chat, followTurn, sendPrompt, type TurnRequest } from "../chat/index.ts";
import { Cancelled } from "./deadline.ts";
import { moveTask, type PreparedTask } from "./state.ts";

/** Gives Claude the task's prompt, once however often this is begun, and follows its turn to the end. */
export async function runTurn(
  chat: Chat,
  task: PreparedTask,
  signal: AbortSignal,
): Promise<{ turn: TurnResult; afterSeq: number }> {
  const request = (await findSent(chat, task)) ?? (await send(chat, task));
  const turn = await followTurn(chat, request, { entry: followState(chat, task) }, signal);
  return { turn, afterSeq: request.afterSeq };
}

/** The prompt, if an earlier attempt has sent it and it is on record. */
export async function findSent({ context }: Chat, task: PreparedTask): Promise<TurnRequest | null> {
  const { sessionId, conversationId, messageId } = task;
  const row = await context.db.conversationEvent.findFirst({
    where: { conversationId, kind: "user-message", event: { path: ["messageId"], equals: messageId } },
    select: { seq: true },
  });
  return row === null ? null : { sessionId, conversationId, messageId, afterSeq: row.seq - 1 };
}

async function send(chat: Chat, task: PreparedTask): Promise<TurnRequest> {
  const { db, agents } = chat.context;
  const { sessionId, conversationId, messageId } = task;
  const user = await db.user.findUniqueOrThrow({ where: { id: task.createdById } });
  const actor = { id: user.id, name: user.name };
  if (task.permissionMode !== null) {
    const payload = { conversationId, permissionMode: task.permissionMode };
    await agents.request(sessionId, "chat.configure", payload, { actor });
  }
  const { state } = await db.task.findUniqueOrThrow({ where: { id: task.id }, select: { state: true } });
  if (state === "cancelled") throw new Cancelled();
  // An attempt that ended between the record and the sending has recorded it already.
  const recorded = await db.auditLog.findFirst({
    where: { sessionId, action: "claude.prompted", details: { path: ["messageId"], equals: messageId } },
    select: { id: true },
  });
  const auditActor = { kind: "user", userId: user.id, address: null, userAgent: null } as const;
  const prompt = { sessionId, conversationId, messageId, text: task.prompt, actor };
  return sendPrompt(chat, { ...prompt, auditActor: recorded === null ? auditActor : null });
}

/** While Claude asks for a permission, the task waits. */
function followState({ context }: Chat, task: PreparedTask) {
  const open = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  return ({ event }: JournalEntry) => {
    if (event.kind === "permission-asked") open.add(event.requestId);
    else if (event.kind === "permission-answered") open.delete(event.requestId);
    else return;
    const state = open.size > 0 ? "waiting" : "running";
    last = last
      .then(() => moveTask(context.db, task, state))
      .catch((error: unknown) => context.log.warn({ err: error, taskId: task.id }, "task state not moved"));
  };
}

/** Throws unless the person who gave the task may still work in its session. */
export async function assertMayWork({ context }: Chat, task: PreparedTask): Promise<void> {
  const { db, clock } = context;
  const user = await db.user.findUniqueOrThrow({ where: { id: task.createdById } });
  if (user.status !== "active") throw new AppError("forbidden", "The person who gave this task is disabled.");
  const allowed = await db.session.count({
    where: {
      id: task.sessionId,
      deletedAt: null,
      OR: [
        { ownerId: user.id },
        {
          members: {
            some: {
              userId: user.id,
              role: "editor",
              OR: [{ expiresAt: null }, { expiresAt: { gt: clock.now() } }],
            },
          },
        },
      ],
    },
  });
  if (allowed === 0) {
    throw new AppError("forbidden", "The person who gave this task may not work in this session any more.");
  }
}
