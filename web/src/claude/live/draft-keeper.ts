import type { Live } from "../../lib/live.ts";
import { type Draft, isEmpty } from "./drafts.ts";

type Written = Pick<Draft, "text" | "attachments">;

export interface DraftKeeperOptions {
  readonly live: Pick<Live, "command" | "onConnected">;
  readonly sessionId: string;
  readonly conversationId: string;
  /** What this browser remembers. */
  readonly read: () => Draft;
  readonly write: (draft: Draft) => void;
  /** Written on another device, or sent from there: it is to stand in the text box. */
  readonly onTaken: (written: Written) => void;
  /** Calls whenever a person comes back to the page, which may have stayed connected meanwhile. Returns what ends it. */
  readonly onReturn: (listener: () => void) => () => void;
  /** How long typing rests before the browser, and then the server, is told. */
  readonly restMs?: readonly [browser: number, server: number];
}

/**
 * Keeps a draft in this browser and on the server. What was written here and has not come to the server yet wins;
 * else what the server has, which may come from another device.
 */
export class DraftKeeper {
  readonly #options: DraftKeeperOptions;
  readonly #restMs: readonly [browser: number, server: number];
  #draft: Draft;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #stored = true;

  constructor(options: DraftKeeperOptions) {
    this.#options = options;
    this.#restMs = options.restMs ?? [300, 1000];
    this.#draft = options.read();
  }

  /**
   * Asks the server: at once, after each reconnect, and when a person comes back, who may have written elsewhere.
   * Returns what ends it; nothing that was written is lost then.
   */
  start(): () => void {
    const meet = () => void this.#meet();
    const ends = [this.#options.live.onConnected(meet), this.#options.onReturn(meet)];
    return () => {
      for (const end of ends) end();
      this.#settle();
      if (!this.#draft.saved) void this.#save();
    };
  }

  /** What stands in the text box now. */
  change(written: Written): void {
    const { text, attachments } = this.#draft;
    if (written.text === text && JSON.stringify(written.attachments) === JSON.stringify(attachments)) return;
    this.#draft = { text: written.text, attachments: [...written.attachments], saved: false };
    this.#stored = false;
    for (const timer of this.#timers) clearTimeout(timer);
    // What was sent must not stand there again, wherever one looks next.
    const [browser, server] = isEmpty(written) ? [0, 0] : this.#restMs;
    this.#timers = [setTimeout(() => this.#store(), browser), setTimeout(() => void this.#save(), server)];
  }

  async #meet(): Promise<void> {
    if (!this.#draft.saved) return this.#save();
    const { live, sessionId, conversationId, onTaken } = this.#options;
    const before = this.#draft;
    try {
      const { drafts } = await live.command(
        "conversation.drafts",
        sessionId,
        { conversationId },
        { offline: "fail" },
      );
      // Something was written meanwhile.
      if (this.#draft !== before) return;
      const { text, attachments } = drafts[0] ?? { text: "", attachments: [] };
      if (text === before.text && JSON.stringify(attachments) === JSON.stringify(before.attachments)) return;
      this.#draft = { text, attachments, saved: true };
      this.#store();
      onTaken({ text, attachments });
    } catch {
      // The browser has its own; the next connection asks again.
    }
  }

  async #save(): Promise<void> {
    const { live, sessionId, conversationId } = this.#options;
    const draft = this.#draft;
    if (draft.saved) return;
    const { text, attachments } = draft;
    try {
      const payload = { conversationId, text, attachments };
      await live.command("conversation.save-draft", sessionId, payload, { offline: "fail" });
      if (this.#draft !== draft) return;
      this.#draft = { ...draft, saved: true };
      this.#store();
    } catch {
      // It stays unsaved: the next connection, or the next letter, tries again.
    }
  }

  #store(): void {
    this.#stored = true;
    this.#options.write(this.#draft);
  }

  #settle(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    if (!this.#stored) this.#store();
  }
}
