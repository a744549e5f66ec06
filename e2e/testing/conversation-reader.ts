import type { ChatDelta, JournalEntry } from "@remote-claude/protocol";
import type { Live } from "./client.ts";

const untilMs = 90_000;

/** Follows one conversation as a page does: entries in order of seq, asked for again when one is missing. */
export class ConversationReader {
  readonly entries: JournalEntry[] = [];
  readonly deltas: ChatDelta[] = [];
  readonly faults: string[] = [];
  private readonly live: Live;
  private readonly sessionId: string;
  private readonly conversationId: string;

  constructor(live: Live, sessionId: string, conversationId: string) {
    this.live = live;
    this.sessionId = sessionId;
    this.conversationId = conversationId;
    live.on("chat.entry", (entry) => {
      if (entry.conversationId === conversationId) this.take(entry, true);
    });
    live.on("chat.delta", (delta) => {
      if (delta.conversationId === conversationId) this.deltas.push(delta);
    });
  }

  get lastSeq(): number {
    return this.entries.at(-1)?.seq ?? 0;
  }

  async subscribe(): Promise<void> {
    for (let more = true; more; ) {
      const payload = { conversationId: this.conversationId, after: this.lastSeq };
      const reply = await this.live.command("chat.subscribe", this.sessionId, payload);
      for (const entry of reply.entries) this.take(entry, false);
      more = reply.more;
    }
  }

  private take(entry: JournalEntry, isLive: boolean): void {
    if (entry.seq <= this.lastSeq) return;
    if (entry.seq === this.lastSeq + 1) this.entries.push(entry);
    else if (isLive) this.subscribe().catch(() => {});
    else this.faults.push(`entry ${entry.seq} came after ${this.lastSeq}`);
  }

  /** The last entry of one of these kinds, as soon as there is one. */
  async until(...kinds: JournalEntry["event"]["kind"][]): Promise<JournalEntry> {
    const deadline = Date.now() + untilMs;
    for (;;) {
      const found = this.entries.findLast(({ event }) => kinds.includes(event.kind));
      if (found !== undefined) return found;
      if (Date.now() > deadline)
        throw new Error(`no ${kinds.join(" or ")} among ${this.entries.length} entries`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
