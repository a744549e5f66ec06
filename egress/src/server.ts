import { randomUUID } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { inRequest } from "@remote-claude/service/request-scope";
import type { Logger } from "pino";
import { answerOnSocket, answerText } from "./answers.ts";
import type { GitGateway } from "./git.ts";
import type { ModelGateway } from "./model-gateway.ts";
import { Pace, type PaceOptions } from "./pace.ts";
import type { Outlet, ProxyGateway } from "./proxy.ts";

export interface Services {
  readonly models: ModelGateway;
  readonly proxy: ProxyGateway;
  readonly git: GitGateway;
  readonly log: Logger;
}

export interface PlaceServerOptions {
  readonly services: Services;
  /** Who speaks on this socket now; null: the place is unknown, and nothing is served. */
  readonly outlet: () => Promise<Outlet | null>;
  readonly maxConcurrent?: number;
  readonly headersTimeoutMs?: number;
  readonly pace?: PaceOptions;
}

/** More than an installation of packages asks for in plain http; inside of a tunnel nothing is counted. */
const usualPace: PaceOptions = { burst: 1000, perSecond: 200 };
/** Who is refused for asking too much hears of it after this long: asking again at once is no use. */
const refuseAfterMs = 1000;

/** Requests of one connection that were not answered yet: no tool in a session sends the next one before. */
const maxUnanswered = 4;

export interface PlaceServer {
  readonly server: http.Server;
  /** Cuts every connection, tunnels and running answers too; the next one is asked again who speaks. */
  cut(): void;
  /** Takes no more, cuts all, and resolves when what they did is recorded. */
  close(): Promise<void>;
}

/** The HTTP server of one place. Whatever arrives on it is that place's. */
export function createPlaceServer(options: PlaceServerOptions): PlaceServer {
  const { services, outlet, maxConcurrent = 256, headersTimeoutMs = 15_000 } = options;
  const pace = new Pace(options.pace ?? usualPace);
  const { log } = services;
  const active = new Set<Promise<void>>();
  const sockets = new Set<Duplex>();
  const unanswered = new WeakMap<Duplex, number>();

  const server = http.createServer({
    maxHeaderSize: 64 * 1024,
    // Slow headers end here; slow bodies at the other end's idle timer.
    headersTimeout: headersTimeoutMs,
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(headersTimeoutMs, 5000),
    // Clients close first: one that reuses a connection just as we close it would see its request fail.
    keepAliveTimeout: 300_000,
    insecureHTTPParser: false,
    requireHostHeader: true,
  });
  server.maxConnections = maxConcurrent * 2;
  server.maxRequestsPerSocket = 0;

  const limited = (socket: Duplex, refuse: () => void, work: () => Promise<void>, fail: () => void) => {
    if (active.size >= maxConcurrent) {
      setTimeout(refuse, refuseAfterMs).unref();
      return;
    }
    const inTurn = async () => {
      await pace.turn();
      if (!socket.destroyed) await work();
    };
    // An id of ours: whatever a session says about itself in a header is not to be believed.
    const done = inRequest(randomUUID(), inTurn)
      .catch((error: unknown) => {
        log.error({ err: error }, "a request failed unexpectedly");
        fail();
      })
      .finally(() => {
        active.delete(done);
      });
    active.add(done);
  };

  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });

  /** Whether a connection has no more under way than it may. Node reads on and on from one that waits for answers. */
  const isInTurn = (socket: Duplex, response: ServerResponse) => {
    const before = unanswered.get(socket) ?? 0;
    if (before >= maxUnanswered) return false;
    unanswered.set(socket, before + 1);
    response.once("close", () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    return true;
  };

  server.on("request", (request, response) => {
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    if (!isInTurn(request.socket, response)) {
      request.socket.destroy();
      return;
    }
    limited(
      request.socket,
      () => {
        request.resume();
        answerText(response, 503, "This session has too many requests under way.");
      },
      () => route(services, outlet, request, response),
      () => answerText(response, 500, "Something went wrong on the way out of the session."),
    );
  });
  server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    limited(
      socket,
      () => answerOnSocket(socket, 503, "This session has too many connections."),
      async () => {
        const way = await outlet();
        if (way === null) return answerOnSocket(socket, 503, unknownPlace);
        await services.proxy.connect(way, request, socket, head);
      },
      () => socket.destroy(),
    );
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ECONNRESET") socket.destroy();
    else if (error.code === "HPE_HEADER_OVERFLOW") answerOnSocket(socket, 431, "The headers are too long.");
    else if (error.code === "ERR_HTTP_REQUEST_TIMEOUT")
      answerOnSocket(socket, 408, "The request took too long.");
    else answerOnSocket(socket, 400, "This is not an HTTP request that can be handed on.");
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy(new Error("cut"));
  };
  return {
    server,
    cut,
    async close() {
      if (server.listening) server.close();
      cut();
      await Promise.all(active);
    },
  };
}

const unknownPlace = "This session is not known to egress; try again in a moment.";

async function route(
  { models, proxy, git }: Services,
  outlet: () => Promise<Outlet | null>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = request.url ?? "";
  const way = await outlet();
  if (way === null) {
    request.resume();
    return answerText(response, 503, unknownPlace);
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return proxy.request(way, request, response);
  if (url.startsWith("/git/")) return git.handle(way, request, response);
  const path = url.replace(/[?#].*$/s, "");
  if (path.startsWith("/v1/") || path.startsWith("/api/"))
    return models.handle(way.speaker, request, response, path);
  request.resume();
  answerText(response, 404, "There is nothing here.");
}
