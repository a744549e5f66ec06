import { AppError, errorTable } from "@remote-claude/protocol";
import type { ErrorRequestHandler, Response } from "express";
import type { Logger } from "pino";
import type { Context } from "../context.ts";
import { countError } from "../lib/api-metrics.ts";
import { requestIdOf } from "./request-id.ts";

/** Body-parser's names for what it refuses. */
const bodyErrors: Record<string, AppError> = {
  "entity.parse.failed": new AppError("bad_request", "The body is not valid JSON."),
  "entity.too.large": new AppError("too_large", "The body is larger than this route takes."),
  "entity.verify.failed": new AppError("bad_request", "The body cannot be read."),
  "encoding.unsupported": new AppError("bad_request", "The body's Content-Encoding is not supported."),
  "charset.unsupported": new AppError("bad_request", "The body must be UTF-8."),
  "request.aborted": new AppError("bad_request", "The request ended before its body did."),
  "request.size.invalid": new AppError("bad_request", "The body is not as long as Content-Length says."),
};

/** Codes with which the driver and Prisma say that Postgres cannot be reached, or went away under the query. */
const databaseGone =
  /^(P1001|P1002|P1008|P1011|P1017|P2024|P2028|P2037|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|57P0[123]|53300|08\w{3}|DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections)$/;

function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== "object" || error === null || depth > 4) return [];
  const { code, originalCode, kind, cause, meta } = error as Record<string, unknown>;
  const own = [code, originalCode, kind].filter((value) => typeof value === "string");
  const driverError = (meta as Record<string, unknown> | undefined)?.driverAdapterError;
  return [...own, ...codesOf(cause, depth + 1), ...codesOf(driverError, depth + 1)];
}

/** The one place where whatever was thrown becomes what a client is told. */
export function translateError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (typeof error === "object" && error !== null) {
    const { type, status, name } = error as { type?: unknown; status?: unknown; name?: unknown };
    const known = typeof type === "string" ? bodyErrors[type] : undefined;
    if (known !== undefined) return known;
    // Inflating it failed: raw-body hands zlib's own error on.
    if (status === 400 && codesOf(error)[0]?.startsWith("Z_") === true) {
      return new AppError("bad_request", "The body is not what its Content-Encoding says.");
    }
    if (error instanceof URIError && status === 400) {
      return new AppError("bad_request", "The path is not valid percent-encoded UTF-8.");
    }
    if (
      String(name) === "PrismaClientInitializationError" ||
      codesOf(error).some((code) => databaseGone.test(code))
    ) {
      return new AppError("unavailable", "The database does not answer. Try again in a moment.", {
        cause: error,
      });
    }
  }
  return new AppError("internal", "Something went wrong on the server.", { cause: error });
}

/** Refusals are quiet, failing dependencies warn, bugs are logged whole. */
export function logError(log: Logger, original: unknown, translated: AppError): void {
  if (translated.code === "internal") log.error({ err: original }, "bug");
  else if (errorTable[translated.code].http >= 500)
    log.warn({ err: original, code: translated.code }, "dependency failed");
  else log.debug({ code: translated.code, reason: translated.message }, "refused");
}

/** Answers with an error; a response that has begun is cut off, so that nobody takes half for the whole. */
export function sendError(response: Response, error: AppError, requestId: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const retryAfter = error.details?.retryAfterSeconds;
  if (typeof retryAfter === "number") response.setHeader("Retry-After", String(Math.ceil(retryAfter)));
  if (error.code === "unauthenticated") response.setHeader("WWW-Authenticate", "Bearer");
  response.status(errorTable[error.code].http).json({ error: error.toBody(requestId) });
}

/** Express's last stop. */
export function errorHandler({ log, metrics }: Pick<Context, "log" | "metrics">): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const translated = translateError(error);
    const requestId = requestIdOf(request);
    countError(metrics, "http", translated.code);
    logError(log.child({ requestId }), error, translated);
    sendError(response, translated, requestId);
  };
}
