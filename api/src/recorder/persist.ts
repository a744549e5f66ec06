import type { Db, Prisma } from "@remote-claude/prisma";
import type { JournalEntry } from "@remote-claude/protocol";
import { type AuditEntry, recordAll } from "../audit/index.ts";
import {
  type ConversationChange,
  type ConversationMemory,
  emptyMemory,
  foldEntries,
} from "./conversation-fold.ts";
import { auditEntriesOf } from "./entry-audit.ts";
import { withKnownActors } from "./known-actors.ts";
import { holdsLease } from "./lease.ts";

export class LeaseLost extends Error {}

export interface PersistRequest {
  readonly sessionId: string;
  readonly placeId: string;
  readonly fence: bigint;
  /** In order of seq within each conversation. */
  readonly entries: readonly JournalEntry[];
  readonly memories: ReadonlyMap<string, ConversationMemory>;
}

function rowChange(change: ConversationChange): Prisma.ConversationUpdateInput {
  const {
    title: _,
    replaces: __,
    costUsd,
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    ...columns
  } = change;
  return {
    ...columns,
    costUsd: { increment: costUsd },
    inputTokens: { increment: inputTokens },
    outputTokens: { increment: outputTokens },
    cacheReadTokens: { increment: cacheReadTokens },
    cacheWriteTokens: { increment: cacheWriteTokens },
  };
}

export interface Persisted {
  readonly changes: ReadonlyMap<string, ConversationChange>;
  /** The memories as the stored entries left them: to be used from now on. */
  readonly memories: ReadonlyMap<string, ConversationMemory>;
}

/**
 * Stores entries, what they change in their conversations and the audit rows that belong to them, in one
 * transaction under the fence. An entry that is stored already is passed over with all it entails, so that a
 * replay counts once. Throws LeaseLost when another api records by now.
 */
export async function persistEntries(db: Db, request: PersistRequest): Promise<Persisted> {
  const { sessionId, placeId, fence, entries } = request;
  return db.$transaction(async (tx) => {
    if (!(await holdsLease(tx, placeId, fence))) throw new LeaseLost();
    const inserted = await tx.conversationEvent.createManyAndReturn({
      data: entries.map(({ conversationId, seq, at, event }) => ({
        conversationId,
        seq,
        sessionId,
        at,
        kind: event.kind,
        event: event as Prisma.InputJsonValue,
      })),
      skipDuplicates: true,
      select: { conversationId: true, seq: true },
    });
    const isNew = new Set(inserted.map(({ conversationId, seq }) => `${conversationId} ${seq}`));
    const fresh = entries.filter(({ conversationId, seq }) => isNew.has(`${conversationId} ${seq}`));
    const changes = new Map<string, ConversationChange>();
    const memories = new Map<string, ConversationMemory>();
    const audits: AuditEntry[] = [];
    for (const [conversationId, own] of Map.groupBy(fresh, (entry) => entry.conversationId)) {
      // A copy: if the transaction fails, the same entries are folded again from the same beginning.
      const memory = structuredClone(request.memories.get(conversationId) ?? emptyMemory());
      const change = foldEntries(own, memory, (entry) =>
        audits.push(...auditEntriesOf(sessionId, entry, memory)),
      );
      changes.set(conversationId, change);
      memories.set(conversationId, memory);
    }
    for (const [id, change] of changes) {
      await tx.conversation.update({ where: { id }, data: rowChange(change) });
      // What a person called it meanwhile stands.
      const { title, replaces = null } = change;
      if (title !== undefined)
        await tx.conversation.updateMany({
          where: { id, OR: [{ title: null }, { title: replaces }] },
          data: { title },
        });
    }
    await recordAll(tx, await withKnownActors(tx, sessionId, audits));
    if (changes.size > 0)
      await tx.session.update({ where: { id: sessionId }, data: { lastActiveAt: new Date() } });
    return { changes, memories };
  });
}
