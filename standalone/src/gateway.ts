import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Upgrade } from "@remote-claude/service/handover";
import { createProxyServer, type ProxyServer } from "httpxy";
import { serveStatic } from "../../web/src/server/serve-static.ts";
import { answerError, answerStarting, refuseUpgrade } from "./gateway-answers.ts";
import { addressesOf, listenFailure } from "./ports.ts";

export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  readonly apiPort: number;
  readonly webPort: number;
  /** Directories of files to answer with, by the prefix of their addresses: they need no other process. */
  readonly files?: Record<string, string>;
  /**
   * Gives a WebSocket's connection to the api's process, which answers it: no frame of it passes through here. False
   * when the api cannot take it now; `refuse` is called when it ends before it has.
   */
  readonly handOver: (upgrade: Upgrade, refuse: () => void) => boolean;
}

export interface Gateway {
  /** Where it listens; differs from the one asked for when that was 0. */
  readonly port: number;
  /** Listens no more, and ends every connection that it still has: those handed over are the api's to end. */
  close(): void;
}

const keepAliveSeconds = 65;

const ofTheApi = ["/api", "/socket.io", "/metrics"];

/**
 * The one origin: `/api`, `/socket.io` and `/metrics` go to the api, everything else to the pages, whose files it sends
 * itself. Bodies stream both ways as they come, nothing is buffered; only connection-level headers are the gateway's own.
 * WebSockets of the api are handed over to its process; the pages have some in development alone, and those are passed on.
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const api = createRequestProxy(options.apiPort, (response) =>
    answerError(response, "unavailable", "The service is starting; try again in a moment."),
  );
  const web = createRequestProxy(options.webPort, answerStarting);
  const pageUpgrades = createUpgradeProxy(options.webPort);
  const answerFile = serveStatic(options.files ?? {});
  const isOfApi = (path: string) => ofTheApi.some((prefix) => isUnder(path, prefix));
  const open = new Set<Duplex>();

  const handleRequest = (request: IncomingMessage, response: ServerResponse) => {
    const path = pathOf(request);
    if (path === null) return answerError(response, "bad_request", "The request names no path");
    // Between services only: each has its secret, and no road leads there from outside.
    if (isUnder(path, "/internal")) return answerError(response, "not_found", "There is nothing here");
    const elsewhere = canonicalLocation(request, options.publicUrl);
    if (elsewhere !== null) return void response.writeHead(307, { location: elsewhere }).end();
    if (answerFile(request, response)) return;
    setForwardedHeaders(request, options.publicUrl);
    ownConnectionHeaders(request);
    // Failures are answered by the "error" listener.
    (isOfApi(path) ? api : web).web(request, response).catch(() => response.destroy());
  };
  const handleUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    const path = pathOf(request);
    if (path === null || isUnder(path, "/internal")) return refuseUpgrade(socket, "404 Not Found");
    if (request.method !== "GET") return refuseUpgrade(socket, "405 Method Not Allowed");
    setForwardedHeaders(request, options.publicUrl);
    if (!isOfApi(path)) {
      pageUpgrades.ws(request, socket, {}, head).catch(() => socket.destroy());
      return;
    }
    const refuse = () => refuseUpgrade(socket, "503 Service Unavailable");
    if (!options.handOver({ request, socket, head }, refuse)) refuse();
  };

  const servers: Server[] = [];
  let { port } = options;
  for (const address of addressesOf(options.host)) {
    const server = createHttpServer(handleRequest, handleUpgrade);
    try {
      port = await listen(server, address, port);
      servers.push(server);
    } catch (error) {
      // A machine without IPv6 has no ::1; the other loopback is enough.
      if (servers.length > 0 && /EADDRNOTAVAIL|EAFNOSUPPORT/.test(String(error))) continue;
      for (const other of servers) other.close();
      throw listenFailure(error as NodeJS.ErrnoException, options.host, port);
    }
  }
  return {
    port,
    close() {
      for (const socket of open) socket.destroy();
      for (const server of servers) closeServer(server);
    },
  };
}

function createHttpServer(
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
  onUpgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void,
): Server {
  const server = createServer({
    headersTimeout: 15_000,
    // An upload of gigabytes over a slow line is one request.
    requestTimeout: 3_600_000,
    keepAliveTimeout: keepAliveSeconds * 1000,
    maxHeaderSize: 32 * 1024,
    noDelay: true,
    // Other upgrades (h2c) are offers that may be ignored.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
  });
  server.on("request", onRequest);
  // A plain HTTP server's connections are sockets.
  server.on("upgrade", (request, socket, head) => onUpgrade(request, socket as Socket, head));
  return server;
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, ipv6Only: host === "::1" }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** Node holds "close" back until those who were handed connections have closed them too: not waited for. */
function closeServer(server: Server): void {
  server.close();
  server.closeAllConnections();
}

/** `answerUnavailable` says that the service cannot be reached now. */
function createRequestProxy(
  port: number,
  answerUnavailable: (response: ServerResponse) => void,
): ProxyServer {
  const target = { host: "127.0.0.1", port, protocol: "http:" };
  const agent = new Agent({ keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: 64 });
  const http = createProxyServer({ target, agent });
  http.on("proxyRes", ({ headers }, request) => {
    // The connection to the browser is the gateway's, with a timeout of its own.
    const close = wantsClose.has(request);
    headers.connection = close ? "close" : "keep-alive";
    if (close) delete headers["keep-alive"];
    else headers["keep-alive"] = `timeout=${keepAliveSeconds}`;
  });
  http.on("error", (_error, _request, response) => {
    if (response === undefined || !("writeHead" in response)) return;
    if (response.headersSent) response.destroy();
    else answerUnavailable(response);
  });
  return http;
}

function createUpgradeProxy(port: number): ProxyServer {
  const target = { host: "127.0.0.1", port, protocol: "http:" };
  const upgrades = createProxyServer({ target, agent: false, upgradeTimeout: 30_000 });
  upgrades.on("error", (_error, _request, socket) => {
    if (socket === undefined || !("writable" in socket)) return;
    if (upgraded.has(socket as Socket)) socket.destroy();
    else refuseUpgrade(socket as Socket, "503 Service Unavailable");
  });
  upgrades.on("proxyReqWs", (proxyRequest, _request, socket) => {
    // Either end gone is both gone: a half-dead pair would linger until a keep-alive probe fails.
    proxyRequest.once("upgrade", (_response, upstreamSocket) => {
      upgraded.add(socket);
      upstreamSocket.once("close", () => socket.destroy());
      socket.once("close", () => upstreamSocket.destroy());
    });
  });
  return upgrades;
}

/** Sockets that carry WebSocket frames by now: a failure there may no longer be answered in HTTP. */
const upgraded = new WeakSet<Duplex>();

/** The path of an origin-form target; null for `*` and `http://…`, which are for proxies. */
function pathOf({ url }: IncomingMessage): string | null {
  if (url === undefined || !url.startsWith("/")) return null;
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** What a client says about itself in these is not to be believed: the gateway is the first to know. */
const untrusted =
  /^(?:forwarded|x-forwarded-.*|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip|x-middleware-.*|x-invoke-.*|x-next-.*|x-original-url|x-rewrite-url)$/;

function setForwardedHeaders(request: IncomingMessage, publicUrl: string): void {
  const { headers } = request;
  const address = clientAddress(request, publicUrl);
  for (const name in headers) if (untrusted.test(name)) delete headers[name];
  headers["x-forwarded-for"] = address;
  headers["x-forwarded-host"] = headers.host ?? "";
  headers["x-forwarded-proto"] = publicUrl.slice(0, publicUrl.indexOf(":"));
}

const loopbackAddress = /^(?:127\.\d+\.\d+\.\d+|::1)$/;

/**
 * Where a request comes from. With https in PUBLIC_URL what connects from this machine is the TLS proxy in front,
 * and the last address it names is the client: without that everybody would have one address, and a stranger's
 * wrong passwords would keep the whole organisation from signing in.
 */
function clientAddress({ headers, socket }: IncomingMessage, publicUrl: string): string {
  const peer = socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
  if (!publicUrl.startsWith("https:") || !loopbackAddress.test(peer)) return peer;
  const named =
    String(headers["x-forwarded-for"] ?? "")
      .split(",")
      .at(-1)
      ?.trim() ?? "";
  return isIP(named) === 0 ? peer : named;
}

/** Requests whose client wants its connection closed after the answer. */
const wantsClose = new WeakSet<IncomingMessage>();

/** What the client says of its connection to the gateway does not concern the gateway's to the service. */
function ownConnectionHeaders(request: IncomingMessage): void {
  const { headers, httpVersion } = request;
  if (httpVersion === "1.0" || /\bclose\b/i.test(headers.connection ?? "")) wantsClose.add(request);
  headers.connection = "keep-alive";
  delete headers["keep-alive"];
  // The gateway's own server has answered it already.
  delete headers.expect;
}

const loopbackHost = /^(?:localhost|127\.0\.0\.1|\[::1\])(?=:|$)/;

/**
 * Cookies and Origin checks know one origin. Who opens another name of this machine than PUBLIC_URL's (127.0.0.1
 * for localhost) would be signed out and refused there, so pages lead to the right one.
 */
function canonicalLocation({ headers, method, url }: IncomingMessage, publicUrl: string): string | null {
  const { host, accept } = headers;
  if (method !== "GET" || host === undefined || accept?.includes("text/html") !== true) return null;
  const own = new URL(publicUrl).host;
  if (
    host === own ||
    !loopbackHost.test(own) ||
    host.replace(loopbackHost, "") !== own.replace(loopbackHost, "")
  ) {
    return null;
  }
  return loopbackHost.test(host) ? `${publicUrl}${url}` : null;
}
