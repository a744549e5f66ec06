import type { SDKAssistantMessage, SDKResultMessage } from "@anthropic-ai/claude-agent-sdk";
import type { ChatEvent } from "@remote-claude/protocol";
import { noUsage } from "./conversation-meta.ts";
import type { Totals } from "./turn-costs.ts";
import { classify, type Failure, failureOf, type ModelTrouble } from "./turn-failures.ts";

type TurnEnd = Extract<ChatEvent, { kind: "turn-ended" | "turn-failed" }>;

/** A turn while it runs: from one prompt (or Claude Code's own start, after a background task) to its end. */
export class Turn {
  readonly turnId = crypto.randomUUID();
  readonly messageId: string;
  /** Claude Code began it by itself: no prompt of a person belongs to it. */
  readonly selfStarted: boolean;
  readonly #startedAt = Date.now();
  /** Someone pressed Stop. */
  interrupted = false;
  /** Decided before Claude Code gave up by itself. */
  verdict: Failure | undefined;
  #trouble: ModelTrouble | undefined;

  constructor(messageId: string, selfStarted: boolean) {
    this.messageId = messageId;
    this.selfStarted = selfStarted;
  }

  /** Remembers the error that Claude Code puts into words as a message of its own. */
  note(message: SDKAssistantMessage): void {
    if (message.error === undefined) return;
    const text = message.message.content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
    this.#trouble = { status: undefined, error: message.error, text };
  }

  /** Whether this result ends this turn, or another one that Claude Code ran by itself in between. */
  isEndedBy(result: SDKResultMessage): boolean {
    if (this.selfStarted || this.interrupted || this.verdict !== undefined) return true;
    const answered = result.user_message_uuids ?? (result.user_message_uuid && [result.user_message_uuid]);
    if (answered) return answered.includes(this.messageId);
    return result.origin === undefined || result.origin.kind === "human";
  }

  /** The turn's last entry, by Claude Code's result. */
  endBy(result: SDKResultMessage, spent: Totals): TurnEnd {
    if (this.verdict !== undefined) return this.fail(this.verdict, spent);
    if (this.interrupted) return this.#end("interrupted", spent);
    if (result.subtype === "success" && !result.is_error) return this.#end("completed", spent);
    return this.fail(this.#failureIn(result), spent);
  }

  /** The turn's last entry without a result: Claude Code is gone. */
  endWithout(failure: Failure): TurnEnd {
    if (this.verdict === undefined && this.interrupted) return this.#end("interrupted", nothingSpent);
    return this.fail(this.verdict ?? failure, nothingSpent);
  }

  fail(failure: Failure, spent: Totals): TurnEnd {
    return { kind: "turn-failed", turnId: this.turnId, ...failure, ...this.#figures(spent) };
  }

  #end(outcome: "completed" | "interrupted", spent: Totals): TurnEnd {
    return { kind: "turn-ended", turnId: this.turnId, outcome, ...this.#figures(spent) };
  }

  #figures(spent: Totals) {
    return { durationMs: Date.now() - this.#startedAt, costUsd: spent.costUsd, usage: spent.usage };
  }

  #failureIn(result: SDKResultMessage): Failure {
    const text = result.subtype === "success" ? result.result : result.errors.join("\n");
    if (result.subtype === "error_max_turns") return failureOf("turn-limit");
    if (result.subtype === "error_max_budget_usd") return failureOf("conversation-budget");
    if (result.subtype !== "success" && result.startup_failure_reason !== undefined) {
      return failureOf("claude-crashed", `Claude Code did not start: ${text.slice(0, 1000)}`);
    }
    return classify({
      // null means "no answer" only where Claude Code says that the model's interface was the trouble.
      status: result.subtype === "success" ? statusOf(result) : undefined,
      error: this.#trouble?.error,
      text: text === "" ? (this.#trouble?.text ?? "") : text,
      terminalReason: result.terminal_reason,
    });
  }
}

const nothingSpent: Totals = { costUsd: 0, usage: noUsage };

function statusOf(result: Extract<SDKResultMessage, { subtype: "success" }>): number | null | undefined {
  return result.api_error_status ?? (result.terminal_reason === "api_error" ? null : undefined);
}
