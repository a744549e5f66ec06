import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import type { TestCertificate } from "../../egress/src/testing/certificate.ts";

/** As with the registry, a loopback address that is none inside a session. */
export const gitAddress = "127.0.0.2";

export interface GitServerOptions {
  /** Speaks TLS with it. */
  readonly certificate?: TestCertificate;
  /** The one user whom it lets into `/private/`, and to whom it lets push; without one: nobody. */
  readonly user?: { readonly name: string; readonly token: string };
}

/**
 * `git http-backend` on loopback: bare repositories of a folder by name. What lies under `/private/` wants a
 * password first, as a git host asks for one.
 */
export class GitServer {
  readonly #server: Server & { closeAllConnections(): void };
  /** Every request's path, with its query. */
  readonly requests: string[] = [];
  /** As EGRESS_ALLOWED_HOSTS names it. */
  host = "";

  constructor(folder: string, { certificate, user }: GitServerOptions = {}) {
    const pair = Buffer.from(`${user?.name}:${user?.token}`).toString("base64");
    const listener: RequestListener = (request, response) => {
      this.requests.push(request.url ?? "");
      const { url = "", headers } = request;
      const known = user !== undefined && headers.authorization === `Basic ${pair}`;
      if (!known && (url.startsWith("/private/") || url.includes("git-receive-pack"))) {
        request.resume();
        response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
      } else runBackend(folder, request, response);
    };
    this.#server = certificate ? createSecureServer(certificate, listener) : createServer(listener);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, gitAddress, resolve));
    this.host = `${gitAddress}:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** CGI, as small as it gets. */
function runBackend(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const backend = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH ?? "",
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      // The folder may belong to another account than the one that runs the tests.
      GIT_CONFIG_COUNT: "2",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      GIT_CONFIG_KEY_1: "http.receivepack",
      GIT_CONFIG_VALUE_1: "true",
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      HTTP_GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on("error", () => undefined);
  let head = Buffer.alloc(0);
  backend.stdout.on("data", (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    const lines = head.toString("latin1", 0, end).split("\r\n");
    const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2)));
    response.writeHead(Number.parseInt(headers.Status ?? "200", 10), headers);
    response.write(head.subarray(end + 4));
  });
  backend.stdout.on("end", () => response.end());
}
