import { AppError, type JournalEntry } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import type { ConversationChange, ConversationMemory } from "./conversation-fold.ts";
import { acquireLease, leaseRenewedEveryMs, releaseLease } from "./lease.ts";
import { loadMemory } from "./memory.ts";
import { LeaseLost, persistEntries } from "./persist.ts";

/** One transaction stores at most so many entries. */
const batchSize = 200;
/** While the database is away, at most so many entries are held here; the agent keeps the rest. */
const maxQueued = 5000;
/** A replica that does not record keeps so many of each conversation, until the recorder has surely stored them. */
const maxRecent = 500;
const retryMs = 500;

export interface SessionRecorderEvents {
  /** Each entry once, in order of seq, as soon as it is known; perhaps not yet stored. */
  entry(sessionId: string, entry: JournalEntry): void;
  /** These changes of conversations are committed. */
  stored(sessionId: string, changes: ReadonlyMap<string, ConversationChange>): void;
}

/**
 * Follows the journal of one session's agent. With the recorder lease it stores what comes and acknowledges it,
 * and only then may the agent forget it. Without the lease it only passes entries on.
 */
export class SessionRecorder {
  readonly sessionId: string;
  private readonly context: Context;
  private readonly holder: string;
  private readonly events: SessionRecorderEvents;
  private placeId: string | null = null;
  private fence: bigint | null = null;
  private queue: JournalEntry[] = [];
  private flushing = false;
  /** Counts connections: what belongs to an earlier one stops when it sees another number. 0: not connected. */
  private connection = 0;
  private connections = 0;
  private following: Promise<void> | null = null;
  private followed = false;
  private leaseTimer: NodeJS.Timeout | null = null;
  /** By conversation: the last seq that was passed on, and entries that may not be stored yet. */
  private readonly passedOn = new Map<string, number>();
  private readonly recent = new Map<string, JournalEntry[]>();
  private readonly memories = new Map<string, ConversationMemory>();

  constructor(context: Context, sessionId: string, holder: string, events: SessionRecorderEvents) {
    this.context = context;
    this.sessionId = sessionId;
    this.holder = holder;
    this.events = events;
  }

  /** The agent is connected: takes the lease if it is free, and follows from what is stored. */
  async onConnected(): Promise<void> {
    this.connections += 1;
    this.connection = this.connections;
    await this.keepLease(this.connection);
  }

  onDisconnected(): void {
    this.connection = 0;
    this.followed = false;
    this.following = null;
    this.queue = [];
    if (this.leaseTimer !== null) clearTimeout(this.leaseTimer);
  }

  async stop(): Promise<void> {
    this.onDisconnected();
    if (this.placeId !== null && this.fence !== null) {
      await releaseLease(this.context.db, this.placeId, this.holder).catch(() => {});
    }
  }

  /** Entries after `after` that may not be stored yet, in order. */
  recentAfter(conversationId: string, after: number): JournalEntry[] {
    return (this.recent.get(conversationId) ?? []).filter((entry) => entry.seq > after);
  }

  onEntry(entry: JournalEntry): void {
    const { conversationId, seq } = entry;
    const last = this.passedOn.get(conversationId);
    if (last === undefined || seq === last + 1) {
      this.passedOn.set(conversationId, seq);
      this.remember(entry);
      this.events.entry(this.sessionId, entry);
    } else if (seq > last + 1) {
      // Stored and forgotten by the agent between our look at the database and its replay: begin again from there.
      this.follow().catch((error: unknown) => this.context.log.warn({ err: error }, "journal not followed"));
      return;
    }
    if (this.fence === null) return;
    if (this.queue.length >= maxQueued) return;
    this.queue.push(entry);
    void this.flush();
  }

  private remember(entry: JournalEntry): void {
    const kept = this.recent.get(entry.conversationId) ?? [];
    kept.push(entry);
    if (kept.length > (this.fence === null ? maxRecent : maxQueued)) kept.shift();
    this.recent.set(entry.conversationId, kept);
  }

  /** Renews the lease, or takes it over when its holder is gone; follows anew when it has become ours. */
  private async keepLease(connection: number): Promise<void> {
    try {
      const had = this.fence;
      this.placeId ??= await this.findPlace();
      const fence = await acquireLease(this.context.db, this.placeId, this.holder);
      if (connection !== this.connection) return;
      this.fence = fence;
      if (!this.followed || (fence !== null && fence !== had)) await this.follow();
    } catch (error) {
      this.context.log.warn({ err: error, sessionId: this.sessionId }, "recorder lease not renewed");
    }
    if (connection !== this.connection) return;
    this.leaseTimer = setTimeout(() => void this.keepLease(connection), leaseRenewedEveryMs);
    this.leaseTimer.unref();
  }

  private async findPlace(): Promise<string> {
    const place = await this.context.db.place.findUnique({ where: { sessionId: this.sessionId } });
    if (place === null) throw new AppError("not_found", "The session has no place.");
    return place.id;
  }

  /** Asks the agent for everything after what is stored; one such request at a time. */
  private follow(): Promise<void> {
    this.following ??= this.followOnce().finally(() => {
      this.following = null;
    });
    return this.following;
  }

  private async followOnce(): Promise<void> {
    const rows = await this.context.db.conversation.findMany({
      where: { sessionId: this.sessionId },
      select: { id: true, lastSeq: true },
    });
    const cursors: Record<string, number> = {};
    for (const { id, lastSeq } of rows) {
      cursors[id] = lastSeq;
      this.passedOn.set(id, Math.max(lastSeq, this.passedOn.get(id) ?? 0));
      this.forgetUpTo(id, lastSeq);
    }
    this.queue = [];
    await this.context.agents.request(this.sessionId, "chat.follow", { cursors });
    this.followed = true;
  }

  private forgetUpTo(conversationId: string, seq: number): void {
    const kept = this.recentAfter(conversationId, seq);
    if (kept.length === 0) this.recent.delete(conversationId);
    else this.recent.set(conversationId, kept);
  }

  private async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    try {
      while (this.queue.length > 0 && this.fence !== null && this.connection !== 0) {
        if (!(await this.storeBatch(this.queue.slice(0, batchSize)))) break;
      }
    } finally {
      this.flushing = false;
    }
  }

  /** Stores one batch and acknowledges it. False when recording must pause. */
  private async storeBatch(batch: readonly JournalEntry[]): Promise<boolean> {
    const { fence, placeId, sessionId } = this;
    if (fence === null || placeId === null) return false;
    const overflowed = this.queue.length >= maxQueued;
    try {
      const known = await this.knownConversations(batch);
      const entries = batch.filter((entry) => known.has(entry.conversationId));
      const { db } = this.context;
      const stored = await persistEntries(db, {
        sessionId,
        placeId,
        fence,
        entries,
        memories: this.memories,
      });
      for (const [id, memory] of stored.memories) this.memories.set(id, memory);
      this.queue = this.queue.filter((entry) => !batch.includes(entry));
      this.acknowledge(entries);
      if (stored.changes.size > 0) this.events.stored(sessionId, stored.changes);
      if (overflowed) await this.follow();
      return true;
    } catch (error) {
      return this.onStoreFailed(error);
    }
  }

  private onStoreFailed(error: unknown): boolean {
    if (error instanceof LeaseLost) {
      this.fence = null;
      this.queue = [];
      return false;
    }
    this.context.log.warn({ err: error, sessionId: this.sessionId }, "entries not stored; trying again");
    setTimeout(() => void this.flush(), retryMs).unref();
    return false;
  }

  private acknowledge(entries: readonly JournalEntry[]): void {
    const last = new Map(entries.map(({ conversationId, seq }) => [conversationId, seq]));
    for (const [conversationId, seq] of last) {
      this.forgetUpTo(conversationId, seq);
      // Lost with the connection? Then the next follow's cursors say the same.
      this.context.agents
        .request(this.sessionId, "chat.acknowledge", { conversationId, seq })
        .catch((error: unknown) => this.context.log.debug({ err: error }, "acknowledgement not taken"));
    }
  }

  /** Those of the batch's conversations that are this session's: an agent may only write to its own. */
  private async knownConversations(batch: readonly JournalEntry[]): Promise<Set<string>> {
    const ids = [...new Set(batch.map((entry) => entry.conversationId))];
    const unknown = ids.filter((id) => !this.memories.has(id));
    if (unknown.length > 0) {
      const rows = await this.context.db.conversation.findMany({
        where: { id: { in: unknown }, sessionId: this.sessionId },
        select: { id: true, title: true, state: true },
      });
      for (const row of rows) this.memories.set(row.id, await loadMemory(this.context.db, row));
    }
    const known = new Set(ids.filter((id) => this.memories.has(id)));
    if (known.size < ids.length) {
      this.context.log.warn(
        { sessionId: this.sessionId },
        "the agent speaks of conversations that are not its own",
      );
    }
    return known;
  }
}
