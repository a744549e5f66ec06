import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";
import { requestIdOf } from "./request-id.ts";

/** Asked for by machines every few seconds; their answers are no news. */
const quietPaths = new Set(["/api/health", "/api/ready", "/metrics"]);

const pathOf = (request: IncomingMessage) =>
  ((request as { originalUrl?: string }).originalUrl ?? request.url ?? "").split("?")[0] ?? "";

/** One line a request: no headers, no query, no body, so no cookie, token or text of anybody's. */
export function requestLogger(log: Logger): RequestHandler {
  return pinoHttp<IncomingMessage, ServerResponse>({
    logger: log,
    genReqId: requestIdOf,
    quietReqLogger: true,
    customAttributeKeys: { reqId: "requestId" },
    customLogLevel: (request, response, error) => {
      if (error !== undefined || response.statusCode >= 500) return "warn";
      // Whoever looks for a request by its id finds what changed something.
      return response.statusCode >= 400 || request.method !== "GET" ? "info" : "debug";
    },
    autoLogging: { ignore: (request) => quietPaths.has(pathOf(request)) },
    serializers: {
      req: (request: { raw?: IncomingMessage; method?: string }) => ({
        method: request.method,
        path: request.raw === undefined ? "" : pathOf(request.raw).slice(0, 500),
      }),
      res: (response: { statusCode?: number }) => ({ status: response.statusCode }),
    },
    wrapSerializers: true,
  });
}
