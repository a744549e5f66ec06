import { AppError, type Conversation, type Payload } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { assertConversation, type Chat, presentConversation } from "../chat/index.ts";
import type { Principal } from "../context.ts";

type ForkRequest = Payload<"conversation.fork">;

const branchTimeoutMs = 60_000;
const maxTitle = 200;

/** Where it branches off: the prompt before which (null: at the end), and the last entry that is copied. */
interface ForkPoint {
  readonly before: string | null;
  readonly seq: number;
}

interface Mark {
  readonly seq: number;
  readonly kind: string;
  readonly messageId: string | null;
  readonly what: string | null;
}

/** Begins a conversation that goes on from a point of another one; asked again, it is the same. */
export async function forkConversation(
  chat: Chat,
  principal: Principal,
  sessionId: string,
  request: ForkRequest,
): Promise<Conversation> {
  const { context } = chat;
  const { conversationId, forkId } = request;
  await assertConversation(chat, sessionId, conversationId);
  if (context.agents.info(sessionId) === null)
    throw new AppError("session_not_ready", "The session is not running: only there Claude can go on.");
  const point = await findPoint(chat, request);
  await copyConversation(chat, principal, sessionId, request, point);
  try {
    await context.agents.request(
      sessionId,
      "conversation.branch",
      { conversationId, forkId, ...point },
      { actor: { id: principal.id, name: principal.name }, timeoutMs: branchTimeoutMs },
    );
  } catch (error) {
    // Nothing was said in it. An agent that made it all the same makes it once more when it is asked again.
    await context.db.conversation.deleteMany({ where: { id: forkId, sessionId, lastSeq: point.seq } });
    const entry = { action: "claude.forked", actor: principal, sessionId, details: { ...request } } as const;
    await record(context.db, { ...entry, result: error instanceof AppError ? "refused" : "failed" });
    throw error;
  }
  const row = await context.db.conversation.findUniqueOrThrow({ where: { id: forkId } });
  const conversation = presentConversation(row);
  context.broadcast.toSession("chat.conversation-changed", sessionId, { conversation });
  return conversation;
}

async function findPoint(
  { context }: Chat,
  { conversationId, messageId, where }: ForkRequest,
): Promise<ForkPoint> {
  const marks = await context.db.$queryRaw<Mark[]>`
    select seq, kind, event->>'messageId' as "messageId", event->>'what' as what from conversation_events
    where conversation_id = ${conversationId}::uuid
      and kind in ('user-message', 'turn-started', 'turn-ended', 'turn-failed', 'rewound')
    order by seq`;
  return pointIn(marks, messageId, where);
}

/** The turns that Claude still knows are those since whose beginning nobody went back to before them. */
export function pointIn(marks: readonly Mark[], messageId: string, where: "before" | "after"): ForkPoint {
  const prompts = new Set(marks.flatMap((mark) => (mark.kind === "user-message" ? [mark.messageId] : [])));
  let turns: Mark[] = [];
  let lastEnd = 0;
  for (const mark of marks) {
    // What Claude Code begins by itself belongs to the turn before it.
    if (mark.kind === "turn-started" && prompts.has(mark.messageId)) turns.push(mark);
    if (mark.kind === "turn-ended" || mark.kind === "turn-failed") lastEnd = mark.seq;
    if (mark.kind !== "rewound" || mark.what === "files") continue;
    const at = turns.findIndex((turn) => turn.messageId === mark.messageId);
    if (at >= 0) turns = turns.slice(0, at);
    lastEnd = mark.seq;
  }
  const at = turns.findIndex((turn) => turn.messageId === messageId);
  const turn = turns[at];
  if (turn === undefined) throw new AppError("not_found", "Claude does not know this message any more.");
  if (where === "before") return { before: messageId, seq: turn.seq - 1 };
  const next = turns[at + 1];
  if (next !== undefined) return { before: next.messageId, seq: next.seq - 1 };
  if (lastEnd < turn.seq) throw new AppError("conflict", "Claude is at work on this message.");
  return { before: null, seq: lastEnd };
}

/** The row with its copies, and the record of it, in one transaction. */
async function copyConversation(
  { context }: Chat,
  principal: Principal,
  sessionId: string,
  { conversationId, forkId, messageId, where }: ForkRequest,
  { seq }: ForkPoint,
): Promise<void> {
  await context.db.$transaction(async (transaction) => {
    const source = await transaction.conversation.findUniqueOrThrow({ where: { id: conversationId } });
    const { title, model, permissionMode } = source;
    const steering = source.steering ?? {};
    const suffix = " (fork)";
    const { count } = await transaction.conversation.createMany({
      data: [
        {
          ...{ id: forkId, sessionId, model, permissionMode, steering, createdById: principal.id },
          title:
            title === null ? null : `${title.slice(0, maxTitle - suffix.length)}${suffix}`.toWellFormed(),
          ...{ lastSeq: seq, forkedFromId: conversationId, forkedAtSeq: seq },
        },
      ],
      skipDuplicates: true,
    });
    if (count === 0) {
      const taken = await transaction.conversation.findUnique({ where: { id: forkId } });
      if (taken?.sessionId !== sessionId || taken.forkedFromId !== conversationId)
        throw new AppError("conflict", "This conversation id is taken.");
      return;
    }
    await transaction.$executeRaw`
      insert into conversation_events (conversation_id, seq, session_id, at, kind, event)
      select ${forkId}::uuid, seq, session_id, at, kind, event from conversation_events
      where conversation_id = ${conversationId}::uuid and seq <= ${seq}`;
    await record(transaction, {
      action: "claude.forked",
      actor: principal,
      sessionId,
      details: { conversationId, forkId, messageId, where, seq },
    });
  });
}
