import { randomUUID } from "node:crypto";
import type { Actor, ChatEvent, JournalEntry } from "@remote-claude/protocol";
import type { TestApi } from "./start-api.ts";

export const someUsage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 };

/**
 * The chat half of an agent: a journal for each conversation of one session, which numbers entries, replays them
 * on follow, forgets what is acknowledged, and takes prompts as the agent does, each message once.
 */
export class Journal {
  readonly entries: JournalEntry[] = [];
  readonly conversationId: string;
  readonly sessionId: string;
  follows = 0;
  /** What Claude does with a prompt that is new; null: it stays unanswered. */
  onPrompt: ((prompt: { conversationId: string; messageId: string; text: string }) => void) | null = null;
  /** Called while a prompt is taken, before the api hears that it was. */
  onSend: (() => void) | undefined;
  readonly #api: TestApi;
  readonly #lastSeq = new Map<string, number>();
  readonly #prompts = new Map<string, number>();

  constructor(api: TestApi, sessionId: string, conversationId: string) {
    this.#api = api;
    this.sessionId = sessionId;
    this.conversationId = conversationId;
    api.agents.answer("chat.follow", (id, { cursors }) => {
      this.follows += 1;
      if (id !== sessionId) return {};
      for (const [conversation, seq] of Object.entries(cursors)) {
        this.#lastSeq.set(conversation, Math.max(seq, this.#lastSeq.get(conversation) ?? 0));
      }
      const missing = this.entries.filter((entry) => entry.seq > (cursors[entry.conversationId] ?? 0));
      for (const entry of missing) this.say(entry);
      return {};
    });
    api.agents.answer("chat.acknowledge", (id, { conversationId: conversation, seq }) => {
      if (id !== sessionId) return {};
      const kept = this.entries.filter((entry) => entry.conversationId !== conversation || entry.seq > seq);
      this.entries.splice(0, this.entries.length, ...kept);
      return {};
    });
    api.agents.answer("chat.send", (id, payload) => {
      const known = this.#prompts.get(payload.messageId);
      if (known !== undefined || id !== sessionId) return { seq: known ?? 1 };
      const { messageId, text, conversationId: conversation } = payload;
      this.onSend?.();
      const by = { id: randomUUID(), name: "whoever" };
      const message: ChatEvent = { kind: "user-message", messageId, text, attachments: [], by };
      const { seq } = this.tell(message, conversation);
      this.#prompts.set(messageId, seq);
      queueMicrotask(() => this.onPrompt?.(payload));
      return { seq };
    });
  }

  /** Prompts that came, each once. */
  get prompts(): string[] {
    return [...this.#prompts.keys()];
  }

  write(event: ChatEvent, conversationId = this.conversationId): JournalEntry {
    const seq = (this.#lastSeq.get(conversationId) ?? 0) + 1;
    this.#lastSeq.set(conversationId, seq);
    const entry = { conversationId, seq, at: new Date().toISOString(), event };
    this.entries.push(entry);
    return entry;
  }

  say(entry: JournalEntry): void {
    this.#api.agents.emit("chat.entry", this.sessionId, entry);
  }

  /** Writes and says it. */
  tell(event: ChatEvent, conversationId = this.conversationId): JournalEntry {
    const entry = this.write(event, conversationId);
    this.say(entry);
    return entry;
  }

  /** A whole turn that answers a message. */
  turn(messageId: string, text: string, conversationId = this.conversationId): string {
    const turnId = randomUUID();
    this.tell({ kind: "turn-started", turnId, messageId }, conversationId);
    this.tell({ kind: "sdk", turnId, message: said(text) }, conversationId);
    this.tell(ended(turnId), conversationId);
    return turnId;
  }
}

/** A finished message of Claude's, as the SDK gives it. */
export function said(text: string) {
  return { type: "assistant", parent_tool_use_id: null, message: { content: [{ type: "text", text }] } };
}

export function ended(turnId: string): ChatEvent {
  return { kind: "turn-ended", turnId, outcome: "completed", durationMs: 1, costUsd: 0.5, usage: someUsage };
}

export function failed(turnId: string, message: string): ChatEvent {
  const reason = "overloaded" as const;
  const end = { kind: "turn-failed", turnId, reason, message, retryable: true } as const;
  return { ...end, durationMs: 1, costUsd: 0, usage: someUsage };
}

export function prompted(by: Actor, text = "Fix the bug"): ChatEvent {
  return { kind: "user-message", messageId: randomUUID(), text, attachments: [], by };
}

export function asked(turnId: string, requestId: string): ChatEvent {
  const tool = { toolUseId: "t1", toolName: "Bash", input: { command: "ls" }, title: null, rules: [] };
  return { kind: "permission-asked", turnId, requestId, ...tool };
}
