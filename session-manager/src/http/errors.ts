import { AppError, errorTable } from "@remote-claude/protocol";
import type { ErrorRequestHandler } from "express";
import type { Logger } from "pino";
import { z } from "zod";

/** What Express' body parser throws. */
const BodyError = z.object({ type: z.string(), status: z.int() });

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const body = BodyError.safeParse(error);
  if (body.success && body.data.status === 413) return new AppError("too_large", "the body is too large");
  if (body.success && body.data.status < 500)
    return new AppError("bad_request", "the body is not valid JSON");
  if (error instanceof URIError) return new AppError("bad_request", "the path is not validly encoded");
  return new AppError("internal", "something went wrong in session-manager", { cause: error });
}

/** The one place where an error becomes an answer. */
export function answerErrors(log: Logger): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    const error = toAppError(thrown);
    const { http, retryable } = errorTable[error.code];
    const about = { code: error.code, method: request.method, path: request.path };
    if (error.code === "internal") log.error({ ...about, err: thrown }, "request failed");
    else if (retryable) log.warn({ ...about, reason: error.message }, "request failed");
    else log.info({ ...about, reason: error.message }, "request refused");
    if (response.headersSent) return next(thrown);
    response.status(http).json({ error: error.toBody() });
  };
}
