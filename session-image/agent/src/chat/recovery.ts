import type { Actor, ChatEvent, JournalEntry } from "@remote-claude/protocol";
import { noUsage } from "./conversation-meta.ts";
import { failureOf } from "./turn-failures.ts";

/** What a former life of the agent left open in a journal. */
export class Recovery {
  /** The turn that had begun and has no end. */
  openTurn: { turnId: string; startedAt: number } | undefined;
  /** Questions without an answer. */
  readonly questions = new Set<string>();
  readonly answers = new Map<string, Actor | null>();
  /** Prompts in the journal. */
  readonly messages = new Map<string, number>();
  /** What was said of the prompts that no turn has taken up. */
  queueEvents: ChatEvent[] = [];
  configured: Extract<ChatEvent, { kind: "configured" }> | undefined;
  lastAt = 0;

  /** Reads one entry; they come oldest first. */
  read({ event, at, seq }: JournalEntry): void {
    this.lastAt = Date.parse(at);
    switch (event.kind) {
      case "user-message":
        this.messages.set(event.messageId, seq);
        this.queueEvents.push(event);
        break;
      case "turn-started":
        this.#forget(event.messageId);
        this.openTurn = { turnId: event.turnId, startedAt: this.lastAt };
        break;
      case "prompt-removed":
        this.#forget(event.messageId);
        break;
      case "prompt-edited":
      case "prompt-moved":
      case "queue-held":
      case "queue-released":
        this.queueEvents.push(event);
        break;
      case "turn-ended":
      case "turn-failed":
        this.openTurn = undefined;
        break;
      case "permission-asked":
        this.questions.add(event.requestId);
        break;
      case "permission-answered":
        this.questions.delete(event.requestId);
        this.answers.set(event.requestId, event.by);
        break;
      case "configured":
        this.configured = event;
        break;
      default:
    }
  }

  /** The entries that close what was left open. */
  closing(): ChatEvent[] {
    const failure = failureOf("agent-restarted");
    const withdrawn = { decision: "withdrawn", message: null, by: null } as const;
    const closing: ChatEvent[] = [...this.questions].map((requestId) => ({
      kind: "permission-answered",
      requestId,
      ...withdrawn,
    }));
    if (this.openTurn !== undefined) {
      const { turnId, startedAt } = this.openTurn;
      const durationMs = Math.max(0, this.lastAt - startedAt);
      closing.push({ kind: "turn-failed", turnId, ...failure, durationMs, costUsd: 0, usage: noUsage });
    }
    return closing;
  }

  /** A prompt that waits no longer: a long journal is not kept in memory for it. */
  #forget(messageId: string): void {
    const others = this.queueEvents.filter(
      (event) => !("messageId" in event) || event.messageId !== messageId,
    );
    const waits = others.some(({ kind }) => kind === "user-message");
    this.queueEvents = waits ? others : [];
  }
}
