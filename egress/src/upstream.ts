import http from "node:http";
import https from "node:https";
import net, { type LookupFunction } from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { literalAddress } from "./addresses.ts";

/** Where to. `addresses`: only these are dialled; null: the system resolves (the model endpoint, which we chose). */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly string[] | null;
}

export interface UpstreamRequest {
  readonly secure: boolean;
  readonly method: string;
  /** In origin form. */
  readonly path: string;
  /** Names and values in turn, `host` among them. */
  readonly headers: readonly string[];
}

/** The way out of this process: direct, or through the upstream proxy. */
export interface Upstream {
  /** An HTTP request on a kept-alive connection. */
  request(target: Target, request: UpstreamRequest): http.ClientRequest;
  /** A raw connection. Rejects with UpstreamError. */
  connect(target: Target): Promise<Duplex>;
  /** Ends every connection. */
  close(): void;
}

/** The other end could not be reached; the message can be shown. */
export class UpstreamError extends Error {
  override name = "UpstreamError";
}

export const connectTimeoutMs = 15_000;

/** Connections of its own: what one session opened is never lent to another. */
export function createUpstream(proxy: URL | null): Upstream {
  return proxy === null ? createDirect() : createProxied(proxy);
}

const agentOptions = { keepAlive: true, maxFreeSockets: 32, timeout: 0 } as const;

/** Gives the checked addresses instead of asking again: a name cannot change between the check and the dial. */
function checkedLookup(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: net.isIP(address) }));
  return (host, options, callback) => {
    const wanted = found.filter(({ family }) => !options.family || options.family === family);
    const [first] = wanted;
    if (first === undefined) {
      callback(Object.assign(new Error(`no address for ${host}`), { code: "ENOTFOUND" }), "", 0);
    } else if (options.all) callback(null, wanted);
    else callback(null, first.address, first.family);
  };
}

function dialOptions({ host, port, addresses }: Target) {
  const literal = literalAddress(host);
  return {
    host: literal ?? host,
    port,
    ...(addresses === null || literal !== null ? {} : { lookup: checkedLookup(addresses) }),
  };
}

const serverNameOf = (host: string) => (literalAddress(host) === null ? host : "");

function createDirect(): Upstream {
  const agents = { http: new http.Agent(agentOptions), https: new https.Agent(agentOptions) };
  return {
    request(target, { secure, method, path, headers }) {
      const options = { ...dialOptions(target), method, path, headers: [...headers], setHost: false };
      return secure
        ? https.request({ ...options, agent: agents.https, servername: serverNameOf(target.host) })
        : http.request({ ...options, agent: agents.http });
    },
    connect: (target) =>
      connected(net.connect({ ...dialOptions(target), autoSelectFamily: true }), "connect"),
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** Resolves when the socket says so; ends it after `connectTimeoutMs`. */
function connected<Socket extends net.Socket>(
  socket: Socket,
  event: "connect" | "secureConnect",
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (message: string, cause?: unknown) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new UpstreamError(message, { cause }));
    };
    const timer = setTimeout(() => fail("the connection timed out"), connectTimeoutMs);
    const onError = (error: NodeJS.ErrnoException) => fail(describe(error), error);
    socket.once("error", onError);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off("error", onError);
      resolve(socket);
    });
  });
}

/** A failure in words, without addresses of the inside. */
export function describe(error: unknown): string {
  if (error instanceof UpstreamError) return error.message;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case "ECONNREFUSED":
      return "the connection was refused";
    case "ECONNRESET":
    case "EPIPE":
      return "the connection was cut";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "its name could not be resolved";
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "it could not be reached";
    default:
      return code === undefined ? "the connection failed" : `the connection failed (${code})`;
  }
}

function createProxied(proxy: URL): Upstream {
  const secureProxy = proxy.protocol === "https:";
  const proxyPort = Number(proxy.port || (secureProxy ? 443 : 80));
  const proxyHost = literalAddress(proxy.hostname) ?? proxy.hostname;
  const credentials =
    proxy.username === ""
      ? []
      : [
          "proxy-authorization",
          `Basic ${Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`).toString("base64")}`,
        ];
  const toProxy = secureProxy ? new https.Agent(agentOptions) : new http.Agent(agentOptions);
  const connectRequest = secureProxy ? https.request : http.request;

  const connect = ({ host, port }: Target): Promise<Duplex> =>
    new Promise((resolve, reject) => {
      const authority = `${host}:${port}`;
      const request = connectRequest({
        host: proxyHost,
        port: proxyPort,
        method: "CONNECT",
        path: authority,
        headers: ["host", authority, ...credentials],
        agent: false,
        timeout: connectTimeoutMs,
        ...(secureProxy ? { servername: serverNameOf(proxy.hostname) } : {}),
      });
      const fail = (message: string, cause?: unknown) => reject(new UpstreamError(message, { cause }));
      request.once("timeout", () => request.destroy(new UpstreamError("the upstream proxy timed out")));
      request.once("error", (error) => fail(`the upstream proxy: ${describe(error)}`, error));
      request.once("response", (answer) => {
        answer.destroy();
        fail(`the upstream proxy answered ${answer.statusCode}`);
      });
      request.once("connect", (answer, socket, head) => {
        socket.setTimeout(0);
        if (answer.statusCode !== 200) {
          socket.destroy();
          fail(`the upstream proxy answered ${answer.statusCode}`);
          return;
        }
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      request.end();
    });

  const tunnels = new TunnelAgent(connect);
  return {
    connect,
    request(target, { secure, method, path, headers }) {
      if (secure) {
        const { host, port } = target;
        const options = { host, port, method, path, headers: [...headers], setHost: false, agent: tunnels };
        return https.request({ ...options, servername: serverNameOf(host) });
      }
      return connectRequest({
        host: proxyHost,
        port: proxyPort,
        method,
        path: `http://${target.host}:${target.port}${path}`,
        headers: [...headers, ...credentials],
        setHost: false,
        agent: toProxy,
      });
    },
    close() {
      toProxy.destroy();
      tunnels.destroy();
    },
  };
}

/** TLS to the target inside a CONNECT tunnel. */
class TunnelAgent extends https.Agent {
  readonly #connect: Upstream["connect"];

  constructor(connect: Upstream["connect"]) {
    super(agentOptions);
    this.#connect = connect;
  }

  override createConnection(
    options: https.RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const target = { host: options.host ?? "", port: Number(options.port), addresses: null };
    const { servername } = options;
    this.#connect(target)
      .then((socket) =>
        connected(tls.connect({ socket, ...(servername ? { servername } : {}) }), "secureConnect"),
      )
      .then(
        (socket) => callback?.(null, socket),
        (error: unknown) => callback?.(error as Error, undefined as unknown as Duplex),
      );
    return undefined;
  }
}
