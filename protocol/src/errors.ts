import * as z from "zod";

/** Every error a client can meet: its HTTP status, and whether the same request may succeed later. */
export const errorTable = {
  bad_request: { http: 400, retryable: false },
  unauthenticated: { http: 401, retryable: false },
  forbidden: { http: 403, retryable: false },
  not_found: { http: 404, retryable: false },
  method_not_allowed: { http: 405, retryable: false },
  conflict: { http: 409, retryable: false },
  precondition_failed: { http: 412, retryable: false },
  too_large: { http: 413, retryable: false },
  quota_exceeded: { http: 403, retryable: false },
  rate_limited: { http: 429, retryable: true },
  session_not_ready: { http: 409, retryable: true },
  agent_unreachable: { http: 503, retryable: true },
  unavailable: { http: 503, retryable: true },
  /** The Docker Engine that sessions run in does not answer. */
  engine_unavailable: { http: 503, retryable: true },
  /** The image of the session's template is not on the server. */
  image_missing: { http: 503, retryable: false },
  disk_full: { http: 507, retryable: true },
  timeout: { http: 504, retryable: true },
  internal: { http: 500, retryable: false },
} as const satisfies Record<string, { http: number; retryable: boolean }>;

export const ErrorCode = z.enum(Object.keys(errorTable) as [keyof typeof errorTable]);
export type ErrorCode = keyof typeof errorTable;

/** The body of every refusal: HTTP answers `{ error }`, a socket or an agent replies `{ ok: false, error }`. */
export const ErrorBody = z.object({
  code: ErrorCode,
  message: z.string(),
  requestId: z.string().optional(),
  /** What a client may use beyond the sentence, e.g. the current ETag on `precondition_failed`. */
  details: z.record(z.string(), z.unknown()).optional(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

/**
 * A refusal or a dependency's failure, with a message that is safe to show to the person who asked. Whatever
 * else is thrown is a bug: the edge logs it whole and answers `internal`.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.details = options.details;
  }

  /** The wire form. */
  toBody(requestId?: string): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      ...(requestId === undefined ? {} : { requestId }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }

  /** The error a wire body stands for. */
  static from(body: ErrorBody): AppError {
    return new AppError(body.code, body.message, body.details === undefined ? {} : { details: body.details });
  }
}

/** Parses, or throws `bad_request` naming the first field that does not fit. */
export function parseOrRefuse<T extends z.ZodType>(
  schema: T,
  value: unknown,
  what = "the request",
): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.join(".") ?? "";
  throw new AppError(
    "bad_request",
    `${what}: ${where === "" ? "" : `${where}: `}${issue?.message ?? "invalid"}`,
  );
}

/** Why the server closed a connection (socket.io: the last `connection.closing` event; WebSocket: 4000 + index). */
export const CloseReason = z.enum([
  "sign-in-again",
  "access-changed",
  "version-too-old",
  "too-slow",
  "shutting-down",
]);
export type CloseReason = z.infer<typeof CloseReason>;
