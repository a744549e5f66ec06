import { AppError, type ChatDelta, type JournalEntry } from "@remote-claude/protocol";
import { createStore } from "zustand/vanilla";
import { messageOf } from "../../lib/errors.ts";
import type { Live } from "../../lib/live.ts";
import { newId } from "../../lib/new-id.ts";
import {
  type ConversationAction,
  type ConversationState,
  emptyConversation,
  needsSnapshot,
  reduceConversation,
} from "../model/conversation-state.ts";
import { lastSeq } from "../model/entry-log.ts";
import type { Attachments } from "../model/items.ts";
import { type ConversationView, ViewDeriver } from "../model/view.ts";
import { type Schedule, spacedFrames } from "./frames.ts";

export interface Reading extends ConversationView {
  /** Why the conversation cannot be read; goes away by itself when it can. */
  readonly error: string | null;
  readonly loadingOlder: boolean;
}

export interface ReaderOptions {
  readonly live: Pick<Live, "command" | "on" | "onConnected">;
  readonly sessionId: string;
  readonly conversationId: string;
  /** It exists on the server; otherwise it is made with the first prompt. */
  readonly exists: boolean;
  /** When to draw; default: once per frame. */
  readonly schedule?: Schedule;
  /** First pause before asking again; it doubles. */
  readonly retryMs?: number;
}

const pageSize = 200;
/** More than that is forgotten when the reader is back at the end. */
const keptEntries = 600;
const maxTries = 6;
/** How far back a question for permission is looked for that the server says is open. */
const maxQuestionPages = 10;

/** Reads one conversation live, and sends to it. All that components see is in `store`. */
export class ConversationReader {
  readonly store;
  readonly #options: ReaderOptions;
  readonly #schedule: Schedule;
  readonly #deriver = new ViewDeriver();
  #state: ConversationState = emptyConversation;
  #entries: JournalEntry[] = [];
  #deltas: ChatDelta[] = [];
  #cancelFrame: (() => void) | null = null;
  #created: Promise<void> | null;
  #reading = false;
  #syncing = false;
  #again = false;
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | null = null;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#schedule = options.schedule ?? spacedFrames();
    this.#created = options.exists ? Promise.resolve() : null;
    this.store = createStore<Reading>(() => ({
      ...this.#deriver.derive(this.#state),
      known: !options.exists,
      complete: !options.exists,
      error: null,
      loadingOlder: false,
    }));
  }

  /** Reads until what it returns is called. */
  start(): () => void {
    const { live, sessionId, conversationId } = this.#options;
    this.#reading = true;
    const ends = [
      live.on("chat.entry", sessionId, (entry) => {
        if (entry.conversationId === conversationId) this.#take(() => this.#entries.push(entry));
      }),
      live.on("chat.delta", sessionId, (delta) => {
        if (delta.conversationId === conversationId) this.#take(() => this.#deltas.push(delta));
      }),
      live.on("chat.conversation-changed", sessionId, ({ conversation }) => {
        if (conversation.conversationId === conversationId) this.#do({ type: "conversation", conversation });
      }),
      live.onConnected(() => this.sync()),
    ];
    return () => {
      this.#reading = false;
      for (const end of ends) end();
      this.#cancelFrame?.();
      this.#cancelFrame = null;
      if (this.#retry !== null) clearTimeout(this.#retry);
      this.#retry = null;
      if (this.#created === null) return;
      live
        .command("chat.unsubscribe", sessionId, { conversationId }, { offline: "fail" })
        .catch(() => undefined);
    };
  }

  /** Asks where things stand, from what is here on. Called when the agent came back. */
  sync(): void {
    if (this.#created === null || !this.#reading) return;
    if (this.#syncing) this.#again = true;
    else void this.#sync();
  }

  /** Someone asks to try again, after the reader gave up or before its next try. */
  tryAgain(): void {
    this.#tries = 0;
    this.store.setState({ error: null });
    this.sync();
  }

  /** Sends a prompt; it is shown at once, and stays with its error if it cannot be sent. */
  async send(text: string, attachments: Attachments, messageId: string = newId()): Promise<void> {
    const { live, sessionId, conversationId } = this.#options;
    this.#do({ type: "sending", message: { messageId, text, attachments } });
    try {
      await this.#ensureCreated();
      const payload = { conversationId, messageId, text, attachments: [...attachments] };
      await live.command("chat.send", sessionId, payload, { offline: "resend", timeoutMs: 60_000 });
    } catch (error) {
      this.#do({ type: "send-failed", messageId, error: messageOf(error) });
    }
  }

  /** Sends a prompt again that could not be sent; under its own id, so that it counts once. */
  resend(messageId: string): void {
    const message = this.#state.outbox.find((candidate) => candidate.messageId === messageId);
    if (message !== undefined) void this.send(message.text, message.attachments, messageId);
  }

  discard(messageId: string): void {
    this.#do({ type: "discard", messageId });
  }

  /** Makes the conversation on the server, if it is not there yet. */
  async ensureCreated(): Promise<void> {
    await this.#ensureCreated();
  }

  /** Of the first entry that is loaded; null while there is none. */
  get firstSeq(): number | null {
    return this.#state.log.entries[0]?.seq ?? null;
  }

  /** Loads what lies before the first entry. */
  async loadOlder(limit = pageSize): Promise<void> {
    const before = this.firstSeq;
    if (before === null || this.#state.complete || this.store.getState().loadingOlder) return;
    const { live, sessionId, conversationId } = this.#options;
    this.store.setState({ loadingOlder: true });
    try {
      const payload = { conversationId, before, limit };
      const { entries } = await live.command("chat.history", sessionId, payload, { offline: "fail" });
      this.#do({ type: "older", entries });
    } catch (error) {
      this.store.setState({ error: messageOf(error) });
    } finally {
      this.store.setState({ loadingOlder: false });
    }
  }

  /** The reader is at the end: what lies far above may be forgotten. */
  trim(): void {
    // A question must stay in reach for as long as it is open.
    if (this.store.getState().pending.length > 0) return;
    if (this.#state.log.entries.length > keptEntries * 2) this.#do({ type: "trim", count: keptEntries });
  }

  #ensureCreated(): Promise<void> {
    const { live, sessionId, conversationId } = this.#options;
    this.#created ??= live
      .command("chat.create", sessionId, { conversationId }, { offline: "resend", timeoutMs: 60_000 })
      .then(
        ({ conversation }) => {
          this.#do({ type: "conversation", conversation });
          this.sync();
        },
        (error: unknown) => {
          this.#created = null;
          throw error;
        },
      );
    return this.#created;
  }

  #take(add: () => void): void {
    add();
    this.#cancelFrame ??= this.#schedule(() => {
      const pieces = this.#deltas.length > 0;
      this.#cancelFrame = null;
      this.#flush();
      this.#repair();
      return pieces;
    });
  }

  #flush(): void {
    if (this.#entries.length === 0 && this.#deltas.length === 0) return;
    const entries = this.#entries;
    const deltas = this.#deltas;
    this.#entries = [];
    this.#deltas = [];
    // Pieces first: an entry that came in the same frame finishes them.
    const pieced = reduceConversation(this.#state, { type: "deltas", deltas });
    this.#state = reduceConversation(pieced, { type: "entries", entries });
    this.#publish();
  }

  #do(action: ConversationAction): void {
    const next = reduceConversation(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    this.#publish();
  }

  #publish(): void {
    const view = this.#deriver.derive(this.#state);
    this.store.setState({ ...view, known: view.known || this.#created === null });
  }

  async #sync(): Promise<void> {
    this.#syncing = true;
    try {
      do {
        this.#again = false;
        await this.#askOnce();
      } while (this.#again && this.#reading);
      this.store.setState({ error: null });
      await this.#findQuestion();
    } catch (error) {
      // A lost connection brings its own next try.
      const lost = error instanceof AppError && error.code === "unavailable";
      if (!lost) this.store.setState({ error: messageOf(error) });
      if (!(error instanceof AppError && error.code === "not_found")) this.#later();
    } finally {
      this.#syncing = false;
    }
    this.#repair();
  }

  async #askOnce(): Promise<void> {
    const { live, sessionId, conversationId } = this.#options;
    this.#do({ type: "asking" });
    for (;;) {
      const after = this.#state.log.known ? lastSeq(this.#state.log) : null;
      const payload = { conversationId, after };
      const reply = await live.command("chat.subscribe", sessionId, payload, { offline: "fail" });
      if (!this.#reading) return;
      this.#flush();
      this.#do({ type: "snapshot", after, ...reply });
      if (lastSeq(this.#state.log) > (after ?? 0)) this.#tries = 0;
      if (!reply.more || lastSeq(this.#state.log) === after) return;
    }
  }

  /** A question that is open may lie before the loaded entries: nobody could answer it there. */
  async #findQuestion(): Promise<void> {
    for (let page = 0; page < maxQuestionPages; page += 1) {
      const { conversation, pending, complete, working } = this.store.getState();
      if (conversation?.state !== "waiting" || !working || pending.length > 0 || complete) return;
      await this.loadOlder();
    }
  }

  /** Asks again when something is missing; a little later each time, and not for ever. */
  #repair(): void {
    if (needsSnapshot(this.#state)) this.#later();
    else if (this.#retry === null && this.#state.log.known) this.#tries = 0;
  }

  #later(): void {
    if (this.#retry !== null || !this.#reading) return;
    if (this.#tries >= maxTries) {
      if (this.store.getState().error === null)
        this.store.setState({ error: "Parts of this conversation could not be loaded." });
      return;
    }
    const pause = (this.#options.retryMs ?? 150) * 2 ** this.#tries;
    this.#tries += 1;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.sync();
    }, pause);
  }
}
