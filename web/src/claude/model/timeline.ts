import {
  type ChatEventOf,
  emptyQueue,
  type JournalEntry,
  type PromptQueue,
  type QueueSnapshot,
  queueAfter,
} from "@remote-claude/protocol";
import type { NoticeItem, PermissionQuestion, PromptItem, RetryItem, TimelineItem } from "./items.ts";
import { noticeOf } from "./notices.ts";
import { blockKey } from "./partials.ts";
import {
  asFields,
  contentOf,
  limitEndOf,
  messageIdOf,
  numberOf,
  parentOf,
  stringOf,
  toolResultOf,
} from "./sdk.ts";
import { forkNotice, goBack } from "./set-aside.ts";
import { type Configured, settingsSentence } from "./settings-sentence.ts";
import type { Todo } from "./todos.ts";
import { ToolCalls } from "./tool-calls.ts";

/** What the finished entries of a conversation amount to. */
export interface Timeline {
  readonly items: readonly TimelineItem[];
  /** Prompts that no turn has taken up yet, and whether they go on by themselves. */
  readonly queue: PromptQueue;
  /** Questions without an answer, oldest first. */
  readonly pending: readonly PermissionQuestion[];
  /** The turn that runs; undefined when no loaded entry says whether one does. */
  readonly turn: { readonly turnId: string; readonly startedAt: string | null } | null | undefined;
  /** Where Claude Code works: paths are shown relative to it. */
  readonly cwd: string | null;
  /** The model that answered last. */
  readonly model: string | null;
  /** Claude Code is shortening the conversation. */
  readonly compacting: boolean;
  /** The to-do list as it stands. */
  readonly todos: readonly Todo[] | null;
}

type Sdk = ChatEventOf<"sdk">["message"];

/** Goes through a run of entries once, oldest first. */
class TimelineBuilder {
  readonly #items: TimelineItem[] = [];
  readonly #calls = new ToolCalls();
  readonly #prompts = new Map<string, PromptItem>();
  readonly #queueSeq: number;
  #queue: PromptQueue;
  readonly #blocks = new Map<string, number>();
  readonly #superseded = new Set<string>();
  #turn: Timeline["turn"];
  #prompt: PromptItem | null = null;
  #retry: RetryItem | null = null;
  #settings: Configured | null = null;
  #cwd: string | null = null;
  #model: string | null = null;
  #compacting = false;
  #limitEndsAt: string | null = null;

  constructor(entries: readonly JournalEntry[], queue: QueueSnapshot | null) {
    this.#queue = queue ?? emptyQueue;
    this.#queueSeq = queue?.seq ?? 0;
    for (const { event } of entries) {
      const superseded = event.kind === "sdk" ? event.message.supersedes : undefined;
      if (Array.isArray(superseded)) for (const uuid of superseded) this.#superseded.add(String(uuid));
    }
    for (const entry of entries) this.#read(entry);
  }

  finish(): Timeline {
    const calls = this.#calls.finish(this.#turn?.turnId ?? null);
    const withCalls = (items: readonly TimelineItem[]): TimelineItem[] =>
      items.map((item) => {
        if (item.kind === "set-aside") return { ...item, items: withCalls(item.items) };
        if (item.kind !== "tool") return item;
        const call = calls.get(item.call.id) ?? item.call;
        return { ...item, call: { ...call, children: withCalls(call.children) } };
      });
    const items = withCalls(this.#items);
    if (this.#retry !== null && this.#turn) items.push(this.#retry);
    return {
      items,
      queue: { prompts: this.#queue.prompts, held: this.#queue.held },
      pending: this.#calls.pending(),
      turn: this.#turn,
      cwd: this.#cwd,
      model: this.#model,
      compacting: this.#compacting && Boolean(this.#turn),
      todos: this.#calls.todos(),
    };
  }

  #read({ seq, at, event }: JournalEntry): void {
    if (seq > this.#queueSeq) this.#queue = queueAfter(this.#queue, event);
    switch (event.kind) {
      case "user-message": {
        const { messageId, text, attachments, by } = event;
        const key = `prompt:${messageId}`;
        const prompt: PromptItem = {
          kind: "prompt",
          key,
          messageId,
          text,
          attachments,
          by,
          at,
          state: "done",
          error: null,
        };
        this.#prompts.set(messageId, prompt);
        break;
      }
      case "turn-started":
        this.#turn = { turnId: event.turnId, startedAt: at };
        this.#prompt = this.#prompts.get(event.messageId) ?? null;
        if (this.#prompt !== null) this.#items.push(this.#prompt);
        break;
      case "prompt-edited": {
        const { messageId, text, attachments } = event;
        const prompt = this.#prompts.get(messageId);
        if (prompt !== undefined) this.#prompts.set(messageId, { ...prompt, text, attachments });
        break;
      }
      case "permission-asked":
        this.#ask(event, at);
        break;
      case "permission-answered":
        this.#calls.answer(event, at);
        break;
      case "configured":
        this.#configure(event, seq);
        break;
      case "sdk":
        this.#hear(event.message, event.turnId, at, seq);
        break;
      case "turn-ended":
      case "turn-failed":
        this.#endTurn(event);
        break;
      case "rewound":
        this.#goBack(event, seq);
        break;
      case "forked":
        this.#turn = null;
        this.#notice(forkNotice(event), seq);
        break;
      default:
    }
  }

  #goBack(event: ChatEventOf<"rewound">, seq: number): void {
    const aside = goBack(this.#items, event, seq);
    if (aside.items.length > 0) this.#calls.takeBack(aside.items);
    this.#items.push(aside);
  }

  #endTurn(event: ChatEventOf<"turn-ended"> | ChatEventOf<"turn-failed">): void {
    const { turnId, durationMs, costUsd, usage } = event;
    const figures = { key: `turn:${turnId}`, durationMs, costUsd, usage };
    if (event.kind === "turn-ended") {
      this.#items.push({ kind: "turn-end", outcome: event.outcome, ...figures });
    } else {
      const { reason, message, retryable } = event;
      const retryAt = reason === "rate-limited" ? (event.retryAt ?? this.#limitEndsAt) : null;
      const prompt = this.#prompt && { text: this.#prompt.text, attachments: this.#prompt.attachments };
      this.#items.push({ kind: "turn-failure", reason, message, retryable, retryAt, prompt, ...figures });
    }
    this.#turn = null;
    this.#retry = null;
    this.#compacting = false;
  }

  #ask(event: ChatEventOf<"permission-asked">, at: string): void {
    const { kind: _, turnId, suggested = [], reason = null, careful = false, ...asked } = event;
    const { toolUseId, toolName, input } = asked;
    const question = { ...asked, suggested, reason, careful, answer: null };
    this.#noteTurn(turnId);
    if (this.#calls.ask(question)) return;
    // The call itself lies before the loaded entries.
    this.#startTool({ id: toolUseId, name: toolName, input }, null, turnId, at);
    this.#calls.ask(question);
  }

  #configure(event: ChatEventOf<"configured">, seq: number): void {
    const text = settingsSentence(event, this.#settings);
    this.#settings = event;
    if (text !== null) {
      this.#items.push({ kind: "notice", key: `notice:${seq}`, icon: "settings", text, detail: null });
    }
  }

  /** Something of a turn whose beginning lies before the loaded entries: it runs until its end is read. */
  #noteTurn(turnId: string | null): void {
    if (this.#turn === undefined && turnId !== null) this.#turn = { turnId, startedAt: null };
  }

  #hear(message: Sdk, turnId: string | null, at: string, seq: number): void {
    this.#noteTurn(turnId);
    const uuid = stringOf(message, "uuid");
    if (uuid !== null && this.#superseded.has(uuid)) return;
    if (message.type === "assistant") this.#hearAssistant(message, turnId, at);
    else if (message.type === "user") this.#hearResults(message, at);
    else if (message.type === "system") this.#hearSystem(message, at, seq);
    else if (message.type === "rate_limit_event") this.#limitEndsAt = limitEndOf(message);
    else this.#notice(noticeOf(message), seq);
  }

  #hearAssistant(message: Sdk, turnId: string | null, at: string): void {
    const parent = parentOf(message);
    const id = messageIdOf(message);
    if (parent === null) {
      this.#retry = null;
      this.#compacting = false;
      const model = stringOf(asFields(message.message), "model");
      if (model !== null && model !== "<synthetic>") this.#model = model;
    } else if (!this.#calls.has(parent)) {
      // The call that began the subagent lies before the loaded entries.
      const input = { description: message.task_description, subagent_type: message.subagent_type };
      this.#startTool({ id: parent, name: "Agent", input }, null, turnId, at);
    }
    const failed = typeof message.error === "string";
    for (const block of contentOf(message)) {
      const index = this.#blocks.get(id) ?? 0;
      this.#blocks.set(id, index + 1);
      // Its words stand in the card of the failed turn, better.
      if (failed && block.type === "text" && parent === null) continue;
      this.#addBlock(block, { key: blockKey(id, index), message, parent, turnId, at });
    }
  }

  #addBlock(
    block: Record<string, unknown>,
    place: { key: string; message: Sdk; parent: string | null; turnId: string | null; at: string },
  ): void {
    const { key, message, parent, turnId, at } = place;
    const text = stringOf(block, "text");
    const thinking = stringOf(block, "thinking");
    const toolUseId = stringOf(block, "tool_use_id");
    if (block.type === "text" && text !== null) {
      if (text.trim() === "" || text === "(no content)") return;
      this.#push(parent, { kind: "text", key, text, streaming: false, aborted: message.aborted === true });
    } else if (block.type === "thinking" && thinking !== null) {
      if (thinking.trim() === "") return;
      const durationMs = numberOf(message, "thinking_duration_ms");
      this.#push(parent, { kind: "thinking", key, text: thinking, streaming: false, durationMs });
    } else if (toolUseId !== null) {
      this.#calls.resolve(toolUseId, toolResultOf(block, message), at);
    } else if (typeof block.id === "string" && typeof block.name === "string") {
      const call = { id: block.id, name: block.name, input: asFields(block.input) ?? {} };
      this.#startTool(call, parent, turnId, at, key);
    }
  }

  #startTool(
    call: { id: string; name: string; input: Record<string, unknown> },
    parent: string | null,
    turnId: string | null,
    at: string,
    key = `tool:${call.id}`,
  ): void {
    const started = this.#calls.start(call, turnId, at, parent !== null);
    if (started !== null) this.#push(parent, { kind: "tool", key, call: started });
  }

  /** Into the card of the subagent that it came from, or into the talk itself. */
  #push(parent: string | null, item: TimelineItem): void {
    if (parent !== null && this.#calls.addChild(parent, item)) return;
    this.#items.push(item);
  }

  #hearResults(message: Sdk, at: string): void {
    for (const block of contentOf(message)) {
      const id = stringOf(block, "tool_use_id");
      if (id !== null) this.#calls.resolve(id, toolResultOf(block, message), at);
    }
  }

  #hearSystem(message: Sdk, at: string, seq: number): void {
    switch (message.subtype) {
      case "init":
        this.#cwd = stringOf(message, "cwd") ?? this.#cwd;
        return;
      case "api_retry":
        this.#retry = {
          kind: "retry",
          key: "retry",
          attempt: numberOf(message, "attempt") ?? 1,
          maxRetries: numberOf(message, "max_retries") ?? 0,
          delayMs: numberOf(message, "retry_delay_ms") ?? 0,
          at,
          status: numberOf(message, "error_status"),
          error: stringOf(message, "error"),
        };
        return;
      case "status":
        this.#compacting = message.status === "compacting";
        return;
      case "compact_boundary":
        this.#compacting = false;
        break;
      case "task_started":
      case "task_progress":
      case "task_updated":
      case "task_notification":
        this.#calls.progress(message);
        if (this.#calls.waitsFor(message)) return;
        break;
      default:
    }
    this.#notice(noticeOf(message), seq);
  }

  #notice(notice: Omit<NoticeItem, "kind" | "key"> | null, seq: number): void {
    if (notice !== null) this.#items.push({ kind: "notice", key: `notice:${seq}`, ...notice });
  }
}

/**
 * Turns a run of entries, oldest first and without gaps, into what the pane shows. `queue` is what the server said
 * of the queue: what waits may have been sent before the first entry.
 */
export function buildTimeline(
  entries: readonly JournalEntry[],
  queue: QueueSnapshot | null = null,
): Timeline {
  return new TimelineBuilder(entries, queue).finish();
}
