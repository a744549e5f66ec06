import type { JournalEntry } from "@remote-claude/protocol";

/** What of each conversation of a session was passed on, and what of that may not be stored yet. */
export class PassedOn {
  private readonly last = new Map<string, number>();
  private readonly recent = new Map<string, JournalEntry[]>();

  /** The last seq that was passed on; undefined for a conversation that is not known to be the session's. */
  lastOf(conversationId: string): number | undefined {
    return this.last.get(conversationId);
  }

  /** The conversation is the session's, and stored up to `seq`. */
  storedUpTo(conversationId: string, seq: number): void {
    this.last.set(conversationId, Math.max(seq, this.lastOf(conversationId) ?? 0));
    const kept = this.after(conversationId, seq);
    if (kept.length === 0) this.recent.delete(conversationId);
    else this.recent.set(conversationId, kept);
  }

  /** The next entry; at most `max` of its conversation are kept. */
  add(entry: JournalEntry, max: number): void {
    this.last.set(entry.conversationId, entry.seq);
    const kept = this.recent.get(entry.conversationId) ?? [];
    kept.push(entry);
    if (kept.length > max) kept.shift();
    this.recent.set(entry.conversationId, kept);
  }

  /** Entries after `seq` that may not be stored yet, in order. */
  after(conversationId: string, seq: number): JournalEntry[] {
    return (this.recent.get(conversationId) ?? []).filter((entry) => entry.seq > seq);
  }
}
