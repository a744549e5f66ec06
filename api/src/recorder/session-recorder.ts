import { AppError, type JournalEntry } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import type { ConversationChange, ConversationMemory } from "./conversation-fold.ts";
import { EntryQueue, maxQueued } from "./entry-queue.ts";
import { acquireLease, leaseRenewedEveryMs, releaseLease } from "./lease.ts";
import { loadMemory } from "./memory.ts";
import { PassedOn } from "./passed-on.ts";
import { LeaseLost, persistEntries } from "./persist.ts";
import { isPlausible } from "./plausible.ts";

/** One transaction stores at most so many entries. */
const batchSize = 200;
/** A replica that does not record keeps so many of each conversation, until the recorder has surely stored them. */
const maxRecent = 500;
const retryMs = 500;
/** The journal is asked for again at most so often, whatever the agent says. */
const followAgainMs = 100;
const maxForeign = 1000;

/** Under which this api records a session, until another does. */
export interface Lease {
  readonly placeId: string;
  readonly fence: bigint;
}

export interface SessionRecorderEvents {
  /** This api has the lease, and the agent is connected; or no longer. */
  leased(sessionId: string, lease: Lease | null): void;
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
  private readonly queue = new EntryQueue();
  private flushing = false;
  /** Counts connections: what belongs to an earlier one stops when it sees another number. 0: not connected. */
  private connection = 0;
  private connections = 0;
  private following: Promise<void> | null = null;
  private followed = false;
  private followedAt = 0;
  private leaseTimer: NodeJS.Timeout | null = null;
  private followTimer: NodeJS.Timeout | null = null;
  private readonly passedOn = new PassedOn();
  /** By conversation: after which seq something is missing, and how often it was asked for since. */
  private readonly gaps = new Map<string, { last: number; asked: number }>();
  /** Conversations that the agent speaks of: asked for in the database, and those that are not the session's. */
  private readonly unknown = new Set<string>();
  private readonly foreign = new Set<string>();
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
    this.events.leased(this.sessionId, null);
    this.followed = false;
    this.following = null;
    this.queue.clear();
    if (this.leaseTimer !== null) clearTimeout(this.leaseTimer);
    if (this.followTimer !== null) clearTimeout(this.followTimer);
    this.followTimer = null;
  }

  get isConnected(): boolean {
    return this.connection !== 0;
  }

  /** What waits to be stored, and for how long. */
  get waiting(): { entries: number; lagMs: number } {
    return { entries: this.queue.size, lagMs: this.queue.lagMs };
  }

  async stop(): Promise<void> {
    this.onDisconnected();
    if (this.placeId !== null && this.fence !== null) {
      await releaseLease(this.context.db, this.placeId, this.holder).catch(() => {});
    }
  }

  /** Entries after `after` that may not be stored yet, in order. */
  recentAfter(conversationId: string, after: number): JournalEntry[] {
    return this.passedOn.after(conversationId, after);
  }

  onEntry(entry: JournalEntry): void {
    const { conversationId, seq } = entry;
    if (!isPlausible(entry)) {
      this.context.log.warn({ sessionId: this.sessionId, conversationId, seq }, "an impossible entry");
      return;
    }
    const last = this.passedOn.lastOf(conversationId);
    if (last === undefined) {
      this.meet(conversationId);
      return;
    }
    if (seq > last + 1 && !this.isLost(entry, last)) return;
    if (seq > last) {
      this.gaps.delete(conversationId);
      this.passedOn.add(entry, this.fence === null ? maxRecent : maxQueued);
      this.events.entry(this.sessionId, entry);
    }
    if (this.fence === null) return;
    this.queue.push(entry);
    void this.flush();
  }

  /** A conversation that was not there when we looked last: it is new, or none of this session's. */
  private meet(conversationId: string): void {
    if (this.foreign.has(conversationId)) return;
    if (this.unknown.size < maxForeign) this.unknown.add(conversationId);
    this.followAgain();
  }

  /**
   * Something is missing before this entry: stored and forgotten by the agent between our look at the database and
   * its replay, so we begin again from there. If that did not help twice, nobody has it any more.
   */
  private isLost({ conversationId, seq }: JournalEntry, last: number): boolean {
    const known = this.gaps.get(conversationId);
    const gap = known?.last === last ? known : { last, asked: 0 };
    this.gaps.set(conversationId, gap);
    if (gap.asked < 2) {
      this.followAgain();
      return false;
    }
    this.context.log.warn(
      { sessionId: this.sessionId, conversationId, from: last + 1, to: seq - 1 },
      "entries of a conversation are lost",
    );
    this.queue.skipTo(conversationId, seq);
    return true;
  }

  /** Follows once more, soon. */
  private followAgain(): void {
    if (this.followTimer !== null || this.connection === 0) return;
    const waitMs = Math.max(0, this.followedAt + followAgainMs - Date.now());
    this.followTimer = setTimeout(() => void this.followOnceMore(), waitMs);
  }

  private async followOnceMore(): Promise<void> {
    this.followTimer = null;
    try {
      await this.following?.catch(() => {});
      for (const gap of this.gaps.values()) gap.asked += 1;
      await this.follow();
    } catch (error) {
      this.context.log.warn({ err: error, sessionId: this.sessionId }, "journal not followed");
    }
  }

  /** Renews the lease, or takes it over when its holder is gone; follows anew when it has become ours. */
  private async keepLease(connection: number): Promise<void> {
    try {
      const had = this.fence;
      this.placeId ??= await this.findPlace();
      const fence = await acquireLease(this.context.db, this.placeId, this.holder);
      if (connection !== this.connection) return;
      this.fence = fence;
      this.events.leased(this.sessionId, fence === null ? null : { placeId: this.placeId, fence });
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
    if (this.following !== null) return this.following;
    const own: Promise<void> = this.followOnce().finally(() => {
      if (this.following === own) this.following = null;
    });
    this.following = own;
    return own;
  }

  private async followOnce(): Promise<void> {
    const { connection } = this;
    const asked = [...this.unknown];
    const rows = await this.context.db.conversation.findMany({
      where: { sessionId: this.sessionId },
      select: { id: true, lastSeq: true },
    });
    if (connection !== this.connection) return;
    const cursors = Object.fromEntries(rows.map(({ id, lastSeq }) => [id, lastSeq]));
    for (const { id, lastSeq } of rows) this.passedOn.storedUpTo(id, lastSeq);
    this.queue.restart(cursors);
    this.sortOut(asked);
    this.followedAt = Date.now();
    await this.context.agents.request(this.sessionId, "chat.follow", { cursors });
    this.followed = true;
  }

  /** Of these conversations we now know whether they are the session's. */
  private sortOut(asked: readonly string[]): void {
    for (const id of asked) {
      this.unknown.delete(id);
      if (this.passedOn.lastOf(id) !== undefined) continue;
      this.context.log.warn(
        { sessionId: this.sessionId, conversationId: id },
        "the agent speaks of a conversation that is not its session's",
      );
      if (this.foreign.size >= maxForeign) this.foreign.clear();
      this.foreign.add(id);
    }
  }

  private async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    try {
      while (this.queue.size > 0 && this.fence !== null && this.connection !== 0) {
        if (!(await this.storeBatch(this.queue.first(batchSize)))) break;
      }
    } finally {
      this.flushing = false;
    }
    if (this.queue.isShort) this.followAgain();
  }

  /** Stores one batch and acknowledges it. False when recording must pause. */
  private async storeBatch(batch: readonly JournalEntry[]): Promise<boolean> {
    const { fence, placeId, sessionId } = this;
    const { db } = this.context;
    if (fence === null || placeId === null) return false;
    try {
      await this.loadMemories(batch);
      const request = { sessionId, placeId, fence, entries: batch, memories: this.memories };
      const stored = await persistEntries(db, request);
      for (const [id, memory] of stored.memories) this.memories.set(id, memory);
      this.queue.remove(batch);
      this.acknowledge(batch);
      this.countTurns(batch);
      if (stored.changes.size > 0) this.events.stored(sessionId, stored.changes);
      return true;
    } catch (error) {
      return this.onStoreFailed(error);
    }
  }

  private countTurns(batch: readonly JournalEntry[]): void {
    for (const { event } of batch) {
      if (event.kind === "turn-ended") this.context.metrics.turns.add({ result: event.outcome });
      else if (event.kind === "turn-failed") this.context.metrics.turns.add({ result: event.reason });
    }
  }

  private onStoreFailed(error: unknown): boolean {
    if (error instanceof LeaseLost) {
      this.fence = null;
      this.events.leased(this.sessionId, null);
      this.queue.clear();
      return false;
    }
    this.context.log.warn({ err: error, sessionId: this.sessionId }, "entries not stored; trying again");
    setTimeout(() => void this.flush(), retryMs).unref();
    return false;
  }

  private acknowledge(entries: readonly JournalEntry[]): void {
    const last = new Map(entries.map(({ conversationId, seq }) => [conversationId, seq]));
    for (const [conversationId, seq] of last) {
      this.passedOn.storedUpTo(conversationId, seq);
      // Lost with the connection? Then the next follow's cursors say the same.
      this.context.agents
        .request(this.sessionId, "chat.acknowledge", { conversationId, seq })
        .catch((error: unknown) => this.context.log.debug({ err: error }, "acknowledgement not taken"));
    }
  }

  /** What must be known of the batch's conversations to understand it; those of other sessions have none. */
  private async loadMemories(batch: readonly JournalEntry[]): Promise<void> {
    const ids = [...new Set(batch.map((entry) => entry.conversationId))];
    const unknown = ids.filter((id) => !this.memories.has(id));
    if (unknown.length === 0) return;
    const rows = await this.context.db.conversation.findMany({
      where: { id: { in: unknown }, sessionId: this.sessionId },
      select: { id: true, title: true, state: true },
    });
    for (const row of rows) this.memories.set(row.id, await loadMemory(this.context.db, row));
  }
}
