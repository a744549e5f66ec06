import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";

const ids = new WeakMap<IncomingMessage, string>();

/** The id under which a request is logged and answered. */
export function requestIdOf(request: IncomingMessage): string {
  const known = ids.get(request);
  if (known !== undefined) return known;
  const given = request.headers["x-request-id"];
  // Only what cannot break a log line or a header is taken over.
  const id = typeof given === "string" && /^[A-Za-z0-9_.-]{8,100}$/.test(given) ? given : randomUUID();
  ids.set(request, id);
  return id;
}

export const requestId: RequestHandler = (request, response, next) => {
  response.setHeader("X-Request-Id", requestIdOf(request));
  next();
};
