import * as z from "zod";

/**
 * What the model gateway itself refuses or fails at, as a subset of TurnFailure. Claude Code hands on little more
 * than an error's sentence, so the reason travels at the head of the text as well as in a header.
 */
export const ModelGatewayError = z.enum([
  "key-missing",
  "key-rejected",
  "budget-exceeded",
  "model-unavailable",
  "model-unreachable",
  "rate-limited",
]);
export type ModelGatewayError = z.infer<typeof ModelGatewayError>;

/** The response header that names the reason. */
export const modelErrorHeader = "x-remote-claude-error";

/** The sentence as Claude Code will show it. */
export function markModelError(reason: ModelGatewayError, message: string): string {
  return `[remote-claude:${reason}] ${message}`;
}

/** The reason and the sentence in whatever Claude Code wrapped around them; null when it is no error of ours. */
export function findModelError(text: string): { reason: ModelGatewayError; message: string } | null {
  const match = /\[remote-claude:([a-z-]+)\]\s*(.*)/s.exec(text);
  const reason = ModelGatewayError.safeParse(match?.[1]);
  return reason.success ? { reason: reason.data, message: match?.[2]?.trim() ?? "" } : null;
}

/** The sentence of a limit whose end is known; `limitEndIn` finds the time in it again. */
export const limitSentence = (endsAt: Date): string =>
  `The model provider's limit is reached. It ends at ${endsAt.toISOString()}.`;

/** When the limit of such a sentence ends, or null. */
export function limitEndIn(sentence: string): string | null {
  return /It ends at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\.$/.exec(sentence)?.[1] ?? null;
}
