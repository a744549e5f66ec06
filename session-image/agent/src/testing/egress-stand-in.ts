import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/**
 * Listens where egress would, and serves `/git/<host>/…` from a directory of bare repositories with git's own
 * http-backend. Host `forbidden.example` is refused, `private.example` wants a password, anything outside of
 * `git.example` is unknown. Whatever is no git request is answered with what was asked.
 */
export async function serveEgress(socket: string, repositories: string): Promise<Server> {
  const server = createServer((request, response) => {
    const match = /^\/git\/([^/:]+)\/(.*)$/.exec(request.url ?? "");
    if (match === null) response.end(`${request.method} ${request.url}`);
    else if (match[1] === "forbidden.example") answer(response, 403, "refused by policy");
    else if (match[1] === "private.example") answer(response, 401, "");
    else if (match[1] !== "git.example") answer(response, 502, "unknown host");
    else runBackend(request, response, repositories, `/${match[2]}`);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return server;
}

function answer(response: ServerResponse, status: number, text: string): void {
  const headers = status === 401 ? { "www-authenticate": 'Basic realm="git"' } : {};
  response.writeHead(status, headers).end(text);
}

/** CGI, as small as it gets. */
function runBackend(request: IncomingMessage, response: ServerResponse, root: string, url: string): void {
  const [path = "", query = ""] = url.split("?");
  const backend = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH ?? "",
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on("error", () => undefined);
  let head = Buffer.alloc(0);
  let begun = false;
  backend.stdout.on("data", (chunk: Buffer) => {
    if (begun) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    begun = true;
    const lines = head.toString("latin1", 0, end).split("\r\n");
    const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2)));
    response.writeHead(Number.parseInt(headers.Status ?? "200", 10), headers);
    response.write(head.subarray(end + 4));
  });
  backend.stdout.on("end", () => response.end());
}
