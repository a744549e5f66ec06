import type { Actor, ChatEvent, JournalEntry } from "@remote-claude/protocol";

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
}
