import type { Actor, ChatEvent, JournalEntry } from "@remote-claude/protocol";
import { noUsage } from "./conversation-meta.ts";
import { Turn } from "./turn.ts";
import { failureOf } from "./turn-failures.ts";

/** What a former life of the agent left open in a journal. */
export class Recovery {
  /** The turn that had begun and has no end. */
  openTurn: { turnId: string; startedAt: number } | undefined;
  /** Questions without an answer. */
  readonly questions = new Set<string>();
  readonly answers = new Map<string, Actor | null>();
  /** Prompts in the journal, and those of them that no turn has taken up. */
  readonly messages = new Map<string, number>();
  readonly queued = new Set<string>();
  configured: Extract<ChatEvent, { kind: "configured" }> | undefined;
  lastAt = 0;

  /** Reads one entry; they come oldest first. */
  read({ event, at, seq }: JournalEntry): void {
    this.lastAt = Date.parse(at);
    switch (event.kind) {
      case "user-message":
        this.messages.set(event.messageId, seq);
        this.queued.add(event.messageId);
        break;
      case "turn-started":
        this.queued.delete(event.messageId);
        this.openTurn = { turnId: event.turnId, startedAt: this.lastAt };
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
    // A prompt that waited is not begun behind anyone's back: it says that it was not done.
    for (const messageId of this.queued) {
      const turn = new Turn(messageId, false);
      closing.push({ kind: "turn-started", turnId: turn.turnId, messageId }, turn.endWithout(failure));
    }
    return closing;
  }
}
