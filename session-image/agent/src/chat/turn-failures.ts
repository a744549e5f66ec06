import { findModelError, limitEndIn, type TurnFailure } from "@remote-claude/protocol";

/** Why a turn failed, as it is journalled. */
export interface Failure {
  readonly reason: TurnFailure;
  readonly message: string;
  readonly retryable: boolean;
  /** When the limit ends for which it failed. */
  readonly retryAt?: string;
}

/** What is known of a model request that failed: from Claude Code's result, its error message, or its retries. */
export interface ModelTrouble {
  /** HTTP status; null: there was no answer. */
  readonly status: number | null | undefined;
  /** The SDK's word for it (`SDKAssistantMessageError`). */
  readonly error: string | undefined;
  /** What Claude Code says to the person; holds egress' own mark when egress refused. */
  readonly text: string;
  readonly terminalReason?: string | undefined;
}

const sentences = {
  "key-missing":
    "No model key is configured. An administrator must set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN or CLAUDE_CODE_OAUTH_TOKEN) for this installation.",
  "key-rejected":
    "The model provider rejected this installation's key. An administrator must check that it is right and still valid.",
  "budget-exceeded": "The budget for Claude is used up. An administrator can raise it.",
  "credit-exhausted":
    "The account behind this installation's key has no credit left. An administrator must add some.",
  "rate-limited":
    "The model provider's rate limit was reached, and waiting did not help. Try again in a while.",
  overloaded: "The model provider is overloaded at the moment. Try again in a while.",
  "model-unavailable": "This model does not exist or may not be used here. Choose another one.",
  "model-unreachable":
    "The model provider could not be reached. Try again; if it stays so, tell an administrator.",
  "context-full":
    "The conversation has become too long for the model. Send /compact to shorten it, or start a new one.",
  "turn-limit": "Claude reached the limit of steps for one turn. Send a message to let it go on.",
  "conversation-budget": "What this conversation may cost is used up. Raise its budget to go on.",
  "agent-restarted":
    "The session's agent restarted while Claude was working. What was done stays; send again to go on.",
  "claude-crashed": "Claude Code ended unexpectedly. What was done stays; send again to go on.",
  internal: "Something went wrong in the session.",
} as const satisfies Record<TurnFailure, string>;

const retryable: ReadonlySet<TurnFailure> = new Set([
  "rate-limited",
  "overloaded",
  "model-unreachable",
  "turn-limit",
  "agent-restarted",
  "claude-crashed",
  "internal",
]);

/** A failure with the sentence of its reason, or a better one. */
export function failureOf(reason: TurnFailure, message: string = sentences[reason]): Failure {
  return { reason, message, retryable: retryable.has(reason) };
}

const byError: Readonly<Record<string, TurnFailure>> = {
  authentication_failed: "key-rejected",
  oauth_org_not_allowed: "key-rejected",
  account_on_hold: "key-rejected",
  verification_required: "key-rejected",
  cloud_credential_error: "key-rejected",
  billing_error: "credit-exhausted",
  rate_limit: "rate-limited",
  overloaded: "overloaded",
  model_not_found: "model-unavailable",
  server_error: "model-unreachable",
};

function reasonByStatus(status: number | null | undefined): TurnFailure | undefined {
  if (status === null) return "model-unreachable";
  if (status === 401 || status === 403) return "key-rejected";
  if (status === 402) return "credit-exhausted";
  if (status === 404) return "model-unavailable";
  if (status === 429) return "rate-limited";
  if (status !== undefined && status >= 500) return "model-unreachable";
  return undefined;
}

/** Sorts a failed model request into the closed list. */
export function classify(trouble: ModelTrouble): Failure {
  const marked = findModelError(trouble.text);
  if (marked !== null) {
    // Behind a server error's text, Claude Code adds advice that is not meant for our people.
    const sentence = marked.message.replace(/\n.*| This is a server-side issue.*/s, "");
    const retryAt = limitEndIn(sentence);
    return { ...failureOf(marked.reason, sentence || undefined), ...(retryAt === null ? {} : { retryAt }) };
  }
  if (trouble.terminalReason === "prompt_too_long" || /prompt is too long/i.test(trouble.text)) {
    return failureOf("context-full");
  }
  if (trouble.terminalReason === "max_turns") return failureOf("turn-limit");
  if (trouble.terminalReason === "budget_exhausted") return failureOf("conversation-budget");
  if (/credit balance|out of (usage|extra usage) credits|insufficient.{0,20}credit/i.test(trouble.text)) {
    return failureOf("credit-exhausted");
  }
  if (trouble.status === 529 || /\boverloaded\b/i.test(trouble.text)) return failureOf("overloaded");
  const reason = byError[trouble.error ?? ""] ?? reasonByStatus(trouble.status);
  if (reason !== undefined) return failureOf(reason);
  return failureOf("internal", trouble.text === "" ? undefined : trouble.text.slice(0, 2000));
}
