import type { JournalEntry } from "@remote-claude/protocol";

/** While the database is away, at most so much is held here; the agent keeps the rest. */
export const maxQueued = 5000;
const maxQueuedBytes = 64 * 1024 * 1024;

/**
 * Entries of one session on their way to the database, of each conversation without a gap: what is stored is
 * acknowledged, and what is acknowledged the agent forgets with everything before it.
 */
export class EntryQueue {
  private entries: { entry: JournalEntry; bytes: number; arrivedAt: number }[] = [];
  private bytes = 0;
  /** By conversation: the last seq that is stored or waits here. */
  private readonly last = new Map<string, number>();
  /** Something found no room and must be asked for again. */
  private overflowed = false;

  get size(): number {
    return this.entries.length;
  }

  /** How long the first of them has waited. */
  get lagMs(): number {
    const [oldest] = this.entries;
    return oldest === undefined ? 0 : performance.now() - oldest.arrivedAt;
  }

  /** Empty, and something must be asked for again. */
  get isShort(): boolean {
    return this.overflowed && this.entries.length === 0;
  }

  /** Begins again: stored up to these. */
  restart(cursors: Readonly<Record<string, number>>): void {
    this.clear();
    for (const [conversationId, seq] of Object.entries(cursors)) this.last.set(conversationId, seq);
  }

  clear(): void {
    this.entries = [];
    this.bytes = 0;
    this.overflowed = false;
    this.last.clear();
  }

  /** What is missing before `seq` is lost for good. */
  skipTo(conversationId: string, seq: number): void {
    if (this.last.has(conversationId)) this.last.set(conversationId, seq - 1);
  }

  /** Takes the entry if it is the next one of its conversation: the others are here, or come again. */
  push(entry: JournalEntry): void {
    const { conversationId, seq } = entry;
    if (seq !== (this.last.get(conversationId) ?? Number.NaN) + 1) return;
    if (this.entries.length >= maxQueued || this.bytes >= maxQueuedBytes) {
      this.overflowed = true;
      return;
    }
    const bytes = JSON.stringify(entry.event).length;
    this.entries.push({ entry, bytes, arrivedAt: performance.now() });
    this.bytes += bytes;
    this.last.set(conversationId, seq);
  }

  first(count: number): JournalEntry[] {
    return this.entries.slice(0, count).map(({ entry }) => entry);
  }

  remove(batch: readonly JournalEntry[]): void {
    const stored = new Set(batch);
    this.entries = this.entries.filter(({ entry }) => !stored.has(entry));
    this.bytes = this.entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
