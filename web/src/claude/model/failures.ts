import type { TurnFailure, User } from "@remote-claude/protocol";
import { own } from "./sdk.ts";

interface FailureText {
  /** What happened, in a few words. */
  readonly title: string;
  /** What the person who reads it can do. */
  readonly advice: string;
  /** The same for administrators, where they can do more. */
  readonly adminAdvice?: string;
}

/** Every reason for which a turn can fail, for people. The turn's own message stands between the two. */
export const failureTexts: Readonly<Record<TurnFailure, FailureText>> = {
  "key-missing": {
    title: "No model key is configured",
    advice:
      "An administrator must set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN, or CLAUDE_CODE_OAUTH_TOKEN). Send your message again then.",
    adminAdvice:
      "Set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN, or CLAUDE_CODE_OAUTH_TOKEN) where Remote Claude is started, and start it again.",
  },
  "key-rejected": {
    title: "The model key was rejected",
    advice: "An administrator must set a key that is valid. Send your message again then.",
    adminAdvice: "Check the key where Remote Claude is started, and start it again with one that is valid.",
  },
  "budget-exceeded": {
    title: "The budget is used up",
    advice: "It is the budget of the session's owner. Send your message again when it has been raised.",
  },
  "credit-exhausted": {
    title: "The account has no credit left",
    advice: "Whoever owns the model account must add credit; then send your message again.",
  },
  "rate-limited": {
    title: "The rate limit is reached",
    advice: "Wait a minute or two, then try again.",
  },
  overloaded: {
    title: "The model is overloaded",
    advice: "This usually passes within minutes. Try again.",
  },
  "model-unavailable": {
    title: "This model is not available",
    advice: "Choose another one below the text box and send your message again.",
  },
  "model-unreachable": {
    title: "The model could not be reached",
    advice: "Try again. If it stays like this, whoever runs Remote Claude should look at its way out.",
  },
  "context-full": {
    title: "The conversation is too long",
    advice: "Shorten it (what was said is summed up), then send your message again; or begin a new one.",
  },
  "turn-limit": {
    title: "Claude took as many steps as one turn may",
    advice: "What was done stays. Let it go on with another message.",
  },
  "conversation-budget": {
    title: "The conversation's budget is used up",
    advice: "What was done stays. Raise the budget, then try again to go on.",
  },
  "agent-restarted": {
    title: "The session restarted in the middle",
    advice: "What was done until then stays. Try again to go on.",
  },
  "claude-crashed": {
    title: "Claude Code ended unexpectedly",
    advice: "What was done until then stays. Try again to go on.",
  },
  internal: {
    title: "Something went wrong",
    advice: "Try again. If it happens again, tell whoever runs Remote Claude.",
  },
};

/** For the person who reads it. */
export function failureTextFor(reason: TurnFailure, { role }: Pick<User, "role">): FailureText {
  const text = failureTexts[reason] ?? failureTexts.internal;
  return role === "admin" ? { ...text, advice: text.adminAdvice ?? text.advice } : text;
}

const retryCauses: Readonly<Record<string, string>> = {
  overloaded: "The model is overloaded",
  rate_limit: "The rate limit is reached",
  server_error: "The model had an error",
  authentication_failed: "The model key was rejected",
};

/** "The model is overloaded", of what Claude Code says when it tries again. */
export function retryCause(error: string | null, status: number | null): string {
  if (status === 529) return "The model is overloaded";
  if (status === 429) return "The rate limit is reached";
  if (status === null) return "The model did not answer";
  return own(retryCauses, error ?? "") ?? "The model had an error";
}
