import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import {
  limitSentence,
  type ModelGatewayError,
  markModelError,
  modelErrorHeader,
} from "@remote-claude/protocol";

/** The error types of the Claude API that the gateway itself answers with. */
type ApiErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "permission_error"
  | "not_found_error"
  | "request_too_large"
  | "billing_error"
  | "rate_limit_error"
  | "api_error";

interface ModelRefusal {
  readonly status: number;
  readonly type: ApiErrorType;
  readonly message: string;
  /** Named in the sentence and in a header, so that the agent knows it for ours. */
  readonly reason?: ModelGatewayError;
  /** Claude Code tries again by itself; otherwise it is told not to. */
  readonly retry?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers as the Claude API would, so that Claude Code shows the sentence. */
export function answerModelError(response: ServerResponse, refusal: ModelRefusal): void {
  const { status, type, reason, retry = false, headers = {} } = refusal;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const message = reason === undefined ? refusal.message : markModelError(reason, refusal.message);
  const body = JSON.stringify({ type: "error", error: { type, message } });
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    // Claude Code would go on for minutes otherwise.
    "x-should-retry": retry ? "true" : "false",
    ...(reason === undefined ? {} : { [modelErrorHeader]: reason }),
    ...headers,
  });
  response.end(body);
}

export const keyMissing: ModelRefusal = {
  status: 401,
  type: "authentication_error",
  reason: "key-missing",
  message:
    "No model key is configured. An administrator must set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN or CLAUDE_CODE_OAUTH_TOKEN) for this installation.",
};

export const keyRejected: ModelRefusal = {
  status: 401,
  type: "authentication_error",
  reason: "key-rejected",
  message:
    "The model endpoint rejected this installation's key. An administrator must check that it is right and still valid.",
};

/** Claude Code itself waits for so long, tells how long it still is, and tries again. */
const waitedForSeconds = 60;
/** Later than this is no limit's end but nonsense. */
const farthestSeconds = 366 * 86_400;

/**
 * When the limit ends for which the endpoint answers 429, if that is later than Claude Code waits for. It would give
 * up without a word of it, or try again in vain: it reads these headers only where it holds the account itself.
 */
export function farLimitEnd(headers: IncomingHttpHeaders, now = Date.now()): Date | null {
  const rejected = headers["anthropic-ratelimit-unified-status"] === "rejected";
  const resetsIn = rejected ? Number(headers["anthropic-ratelimit-unified-reset"]) - now / 1000 : Number.NaN;
  const seconds = Number.isFinite(resetsIn) ? resetsIn : Number(headers["retry-after"]);
  if (!(seconds > waitedForSeconds && seconds < farthestSeconds)) return null;
  return new Date(now + seconds * 1000);
}

export const limitReached = (endsAt: Date): ModelRefusal => ({
  status: 429,
  type: "rate_limit_error",
  reason: "rate-limited",
  message: limitSentence(endsAt),
});

export const noOccupant: ModelRefusal = {
  status: 403,
  type: "permission_error",
  reason: "model-unavailable",
  message: "Claude cannot be used here: this place belongs to no session of an active user.",
};

export function modelNotAllowed(model: string | null): ModelRefusal {
  return {
    status: 400,
    type: "invalid_request_error",
    reason: "model-unavailable",
    message:
      model === null
        ? "The request names no model."
        : `The model ${model} is not among those you may use; choose another one, or ask an administrator.`,
  };
}

/** The shape in which Claude Code knows a spent budget: it shows the sentence as it is. */
export function budgetSpent(budgetUsd: number, resetsAt: Date, now = Date.now()): ModelRefusal {
  const day = resetsAt.toISOString().slice(0, 10);
  const seconds = Math.floor(resetsAt.getTime() / 1000);
  return {
    status: 429,
    type: "billing_error",
    reason: "budget-exceeded",
    message: `The budget of $${budgetUsd.toFixed(2)} a month is spent; it begins anew on ${day}. An administrator can raise it.`,
    headers: {
      "retry-after": String(Math.max(1, Math.ceil((resetsAt.getTime() - now) / 1000))),
      "anthropic-ratelimit-unified-status": "rejected",
      "anthropic-ratelimit-unified-reset": String(seconds),
    },
  };
}

export const budgetUnknown: ModelRefusal = {
  status: 503,
  type: "api_error",
  reason: "model-unreachable",
  retry: true,
  message: "The budget cannot be checked at the moment, because the database does not answer. Try again.",
};

export function modelUnreachable(why: string): ModelRefusal {
  return {
    status: 502,
    type: "api_error",
    reason: "model-unreachable",
    retry: true,
    message: `The model endpoint could not be reached: ${why}.`,
  };
}

export const notServed: ModelRefusal = {
  status: 404,
  type: "not_found_error",
  message: "This path is not served to sessions.",
};

export const tooLarge: ModelRefusal = {
  status: 413,
  type: "request_too_large",
  message: "The request is larger than the model endpoint takes.",
};

export const tooMany: ModelRefusal = {
  status: 429,
  type: "rate_limit_error",
  retry: true,
  message: "This session has too many large requests under way.",
};

export const badRequest: ModelRefusal = {
  status: 400,
  type: "invalid_request_error",
  message: "The request is not one that can be handed on.",
};
