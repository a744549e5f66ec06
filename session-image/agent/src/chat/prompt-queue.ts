import {
  type Actor,
  AppError,
  type ChatEvent,
  emptyQueue,
  type JournalEntry,
  type Payload,
  type QueuedPrompt,
  type QueueHold,
  type PromptQueue as QueueState,
  queueAfter,
} from "@remote-claude/protocol";

/**
 * What waits in one conversation. Every change is an entry of the journal first, so the queue is there again after
 * a restart, and everyone who watches sees the same one.
 */
export class PromptQueue {
  readonly #append: (event: ChatEvent) => JournalEntry;
  #state: QueueState = emptyQueue;

  constructor(append: (event: ChatEvent) => JournalEntry) {
    this.#append = append;
  }

  get state(): QueueState {
    return this.#state;
  }

  /** The prompt whose turn it is; undefined while nothing waits or what waits is held. */
  get next(): QueuedPrompt | undefined {
    return this.#state.held === null ? this.#state.prompts[0] : undefined;
  }

  /** Learns of an event that is in the journal. */
  take(event: ChatEvent): void {
    this.#state = queueAfter(this.#state, event);
  }

  add(prompt: QueuedPrompt): JournalEntry {
    const first = this.#state.prompts[0];
    const entry = this.#write({ kind: "user-message", ...prompt });
    // Whoever stopped Claude and writes again corrects it: that comes first, and what waited goes on behind it.
    if (this.#state.held !== null) {
      const { messageId, by } = prompt;
      if (first !== undefined) this.#write({ kind: "prompt-moved", messageId, before: first.messageId, by });
      this.#write({ kind: "queue-released", by });
    }
    return entry;
  }

  edit({ messageId, text, attachments = [] }: Payload<"chat.edit-queued">, by: Actor | null): void {
    this.#assertWaits(messageId);
    this.#write({ kind: "prompt-edited", messageId, text, attachments, by });
  }

  remove(messageId: string, by: Actor | null): void {
    this.#assertWaits(messageId);
    this.#write({ kind: "prompt-removed", messageId, by });
    if (this.#state.prompts.length === 0) this.release(by);
  }

  move(messageId: string, before: string | null, by: Actor | null): void {
    this.#assertWaits(messageId);
    if (before !== null) this.#assertWaits(before);
    this.#write({ kind: "prompt-moved", messageId, before, by });
  }

  /** An empty queue is not held: the next prompt would only wait for nothing. */
  hold(because: QueueHold, by: Actor | null): void {
    if (this.#state.prompts.length === 0 || this.#state.held !== null) return;
    this.#write({ kind: "queue-held", because, by });
  }

  release(by: Actor | null): void {
    if (this.#state.held !== null) this.#write({ kind: "queue-released", by });
  }

  #write(event: ChatEvent): JournalEntry {
    const entry = this.#append(event);
    this.take(event);
    return entry;
  }

  #assertWaits(messageId: string): void {
    if (this.#state.prompts.some((prompt) => prompt.messageId === messageId)) return;
    throw new AppError("conflict", "Claude has begun with this message, or somebody has removed it.");
  }
}
