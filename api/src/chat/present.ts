import type { Prisma } from "@remote-claude/prisma";
import {
  type Conversation,
  defaultSteering,
  type JournalEntry,
  Steering,
  steered,
} from "@remote-claude/protocol";

type ConversationRow = Prisma.ConversationGetPayload<object>;
type EventRow = Pick<Prisma.ConversationEventGetPayload<object>, "conversationId" | "seq" | "at" | "event">;

export function presentConversation(row: ConversationRow): Conversation {
  return {
    conversationId: row.id,
    sessionId: row.sessionId,
    title: row.title,
    state: row.state,
    model: row.model,
    permissionMode: row.permissionMode,
    steering: steered(defaultSteering, Steering.partial().safeParse(row.steering).data ?? {}),
    lastSeq: row.lastSeq,
    costUsd: row.costUsd.toNumber(),
    usage: {
      inputTokens: Number(row.inputTokens),
      outputTokens: Number(row.outputTokens),
      cacheReadTokens: Number(row.cacheReadTokens),
      cacheWriteTokens: Number(row.cacheWriteTokens),
    },
    createdAt: row.createdAt.toISOString(),
    lastActiveAt: row.lastActiveAt.toISOString(),
    archivedAt: row.archivedAt?.toISOString() ?? null,
    forkedFrom:
      row.forkedFromId === null || row.forkedAtSeq === null
        ? null
        : { conversationId: row.forkedFromId, seq: row.forkedAtSeq },
  };
}

/** A stored line of the journal, as it came from the agent. */
export function presentEntry({ conversationId, seq, at, event }: EventRow): JournalEntry {
  return { conversationId, seq, at: at.toISOString(), event: event as JournalEntry["event"] };
}
