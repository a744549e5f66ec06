import type { IncomingMessage } from "node:http";
import { inRequest, requestIdFrom, requestIdHeader } from "@remote-claude/service/request-scope";
import type { RequestHandler } from "express";

const ids = new WeakMap<IncomingMessage, string>();

/** The id under which a request is logged and answered. */
export function requestIdOf(request: IncomingMessage): string {
  const known = ids.get(request);
  if (known !== undefined) return known;
  const id = requestIdFrom(request.headers[requestIdHeader]);
  ids.set(request, id);
  return id;
}

/** Answers under the id, and does everything for the request under it. */
export const requestId: RequestHandler = (request, response, next) => {
  const id = requestIdOf(request);
  response.setHeader("X-Request-Id", id);
  inRequest(id, next);
};
