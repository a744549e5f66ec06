import http, { type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Metrics } from "@remote-claude/service/metrics";
import { requestIdFrom, requestIdHeader } from "@remote-claude/service/request-scope";
import type { Logger } from "pino";
import { type GitTestDoor, testByTicket } from "./git-test-door.ts";
import type { EgressStore } from "./store.ts";

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface HealthOptions extends GitTestDoor {
  readonly host: string;
  readonly port: number;
  readonly modelKeyConfigured: boolean;
  readonly store: EgressStore;
  readonly metrics: Metrics;
  readonly log: Logger;
}

interface Answer {
  readonly status: number;
  /** JSON, unless it is text already. */
  readonly body: object | string;
}
const failed = (status: number): Answer => ({ status, body: { status: "failed" } });

/**
 * The internal server that api and supervisors ask: GET /health (we live), GET /ready (so does the database), GET
 * /metrics (counts of nobody in particular, so for whoever reaches this address; the api prints them with its own),
 * and of the api alone POST /git-credentials/test.
 */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const { host, port, log } = options;
  const server = http.createServer(
    { headersTimeout: 5000, requestTimeout: 10_000 },
    async (request, response) => {
      request.on("error", () => undefined);
      const requestId = requestIdFrom(request.headers[requestIdHeader]);
      log.debug({ requestId, method: request.method, path: request.url?.slice(0, 200) }, "asked");
      const { status, body } = await answerTo(options, request).catch((error: unknown) => {
        log.warn({ err: error, requestId }, "an internal request failed");
        return failed(500);
      });
      request.resume();
      const text = typeof body === "string";
      response.writeHead(status, {
        "content-type": text ? "text/plain; version=0.0.4; charset=utf-8" : "application/json",
        "cache-control": "no-store",
        "x-request-id": requestId,
      });
      response.end(request.method === "HEAD" ? undefined : text ? body : JSON.stringify(body));
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answerTo(options: HealthOptions, request: IncomingMessage): Promise<Answer> {
  const { method, url } = request;
  if (method === "POST" && url === "/git-credentials/test") {
    const tested = await testByTicket(options, request);
    return typeof tested === "number" ? failed(tested) : { status: 200, body: tested };
  }
  if (method !== "GET" && method !== "HEAD") return failed(405);
  if (url === "/health") {
    return { status: 200, body: { status: "ok", modelKeyConfigured: options.modelKeyConfigured } };
  }
  if (url === "/metrics") return { status: 200, body: await options.metrics.text() };
  if (url !== "/ready") return failed(404);
  try {
    await options.store.check();
    return { status: 200, body: { status: "ok", checks: { database: "ok" } } };
  } catch {
    return { status: 503, body: { status: "degraded", checks: { database: "failed" } } };
  }
}
