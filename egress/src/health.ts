import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Metrics } from "@remote-claude/service/metrics";
import { requestIdFrom, requestIdHeader } from "@remote-claude/service/request-scope";
import type { Logger } from "pino";
import type { EgressStore } from "./store.ts";

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * The internal server that api and supervisors ask: GET /health (we live), GET /ready (so does the database), GET
 * /metrics (counts of nobody in particular, so for whoever reaches this address; the api prints them with its own).
 */
export async function startHealthServer(options: {
  readonly host: string;
  readonly port: number;
  readonly modelKeyConfigured: boolean;
  readonly store: EgressStore;
  readonly metrics: Metrics;
  readonly log: Logger;
}): Promise<HealthServer> {
  const { host, port, modelKeyConfigured, store, metrics, log } = options;
  const server = http.createServer(
    { headersTimeout: 5000, requestTimeout: 10_000 },
    async (request, response) => {
      const answer = (status: number, body: object) => {
        response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
        response.end(request.method === "HEAD" ? undefined : JSON.stringify(body));
      };
      request.resume();
      const requestId = requestIdFrom(request.headers[requestIdHeader]);
      response.setHeader("X-Request-Id", requestId);
      log.debug({ requestId, method: request.method, path: request.url?.slice(0, 200) }, "asked");
      if (request.method !== "GET" && request.method !== "HEAD") return answer(405, { status: "failed" });
      if (request.url === "/health") return answer(200, { status: "ok", modelKeyConfigured });
      if (request.url === "/metrics") {
        response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
        response.end(request.method === "HEAD" ? undefined : await metrics.text());
        return;
      }
      if (request.url !== "/ready") return answer(404, { status: "failed" });
      try {
        await store.check();
        answer(200, { status: "ok", checks: { database: "ok" } });
      } catch {
        answer(503, { status: "degraded", checks: { database: "failed" } });
      }
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
