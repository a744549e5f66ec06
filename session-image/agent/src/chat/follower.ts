import type { ChatDelta, JournalEntry } from "@remote-claude/protocol";
import type { Connection } from "../context.ts";
import type { Journal } from "./journal.ts";

/** Above this, a connection is backed up: entries stay in the journal and deltas are joined until it drains. */
const backedUpBytes = 1024 * 1024;
const batchEntries = 100;
const batchBytes = 256 * 1024;

/**
 * One connection that hears everything: entries in the order of each journal, none left out and none twice,
 * replayed from its cursors and then live, at the connection's pace. Deltas are sent as they come; while the
 * connection is backed up, the pieces of a block are joined, and dropped when its finished message is journalled.
 */
export class Follower {
  readonly #connection: Connection;
  readonly #journals: () => Iterable<Journal>;
  /** What each conversation's reader has, by its seq. */
  readonly #sent: Map<string, number>;
  readonly #joined = new Map<string, ChatDelta>();
  readonly #offDrain: () => void;
  #pumping = false;
  #ended = false;

  constructor(
    connection: Connection,
    journals: () => Iterable<Journal>,
    cursors: Readonly<Record<string, number>>,
  ) {
    this.#connection = connection;
    this.#journals = journals;
    this.#sent = new Map(Object.entries(cursors));
    this.#offDrain = connection.onDrain(() => this.pump());
    // The reply to `chat.follow` goes first.
    setImmediate(() => this.pump());
  }

  entry(entry: JournalEntry): void {
    const { conversationId, seq, event } = entry;
    if (event.kind === "sdk" && event.message.type === "assistant")
      this.#forget(conversationId, event.message);
    if (event.kind === "turn-ended" || event.kind === "turn-failed") this.#forget(conversationId);
    const sent = this.#sent.get(conversationId) ?? 0;
    // In step: straight from memory. Otherwise the journal has it, and the pump comes to it.
    if (sent === seq - 1 && !this.#backedUp) {
      this.#connection.send("chat.entry", entry);
      this.#sent.set(conversationId, seq);
    } else this.pump();
  }

  delta(delta: ChatDelta): void {
    const key = `${delta.conversationId} ${delta.messageId} ${delta.block}`;
    const joined = this.#joined.get(key);
    if (joined !== undefined) {
      this.#joined.set(key, { ...joined, text: joined.text + delta.text });
      this.pump();
    } else if (this.#backedUp) this.#joined.set(key, delta);
    else this.#connection.send("chat.delta", delta);
  }

  /** Sends what is due, as far as the connection takes it. */
  pump(): void {
    if (this.#pumping || this.#ended) return;
    this.#pumping = true;
    try {
      for (const journal of this.#journals()) this.#replay(journal);
      for (const [key, delta] of this.#joined) {
        if (this.#backedUp) return;
        this.#joined.delete(key);
        this.#connection.send("chat.delta", delta);
      }
    } finally {
      this.#pumping = false;
    }
  }

  end(): void {
    this.#ended = true;
    this.#offDrain();
  }

  get #backedUp(): boolean {
    return this.#connection.bufferedBytes > backedUpBytes;
  }

  #replay(journal: Journal): void {
    for (;;) {
      const sent = this.#sent.get(journal.conversationId) ?? 0;
      if (sent >= journal.lastSeq || this.#backedUp || !this.#connection.open) return;
      for (const entry of journal.read(sent, batchEntries, batchBytes)) {
        this.#connection.send("chat.entry", entry);
        this.#sent.set(journal.conversationId, entry.seq);
      }
    }
  }

  /** The pieces of a finished message (or of everything in a conversation) are of no use any more. */
  #forget(conversationId: string, message?: Record<string, unknown>): void {
    const id = (message?.message as { id?: unknown } | undefined)?.id;
    for (const [key, delta] of this.#joined) {
      if (delta.conversationId !== conversationId) continue;
      if (message === undefined || delta.messageId === id) this.#joined.delete(key);
    }
  }
}
