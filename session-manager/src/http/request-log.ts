import { inRequest, requestIdFrom, requestIdHeader } from "@remote-claude/service/request-scope";
import type { RequestHandler } from "express";
import type { Logger } from "pino";

/** Works under the id that the api gave, and says of every change of a place who it was for and how long it took. */
export function requestLog(log: Logger): RequestHandler {
  return (request, response, next) => {
    const requestId = requestIdFrom(request.headers[requestIdHeader]);
    response.setHeader("X-Request-Id", requestId);
    const { method, path } = request;
    const begun = performance.now();
    response.once("finish", () => {
      const level = method === "GET" ? "debug" : "info";
      const ms = Math.round(performance.now() - begun);
      log[level]({ requestId, method, path: path.slice(0, 200), status: response.statusCode, ms }, "request");
    });
    inRequest(requestId, next);
  };
}
