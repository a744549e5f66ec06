import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AppError, type ErrorCode, errorTable } from "@remote-claude/protocol";

/** The api's error body, from the gateway itself. */
export function answerError(response: ServerResponse, code: ErrorCode, message: string): void {
  const body = JSON.stringify({ error: new AppError(code, message).toBody() });
  const { http, retryable } = errorTable[code];
  response.writeHead(http, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...(retryable ? { "retry-after": "1" } : {}),
  });
  response.end(body);
}

/** A refusal on a connection that asked to be a WebSocket. */
export function refuseUpgrade(socket: Socket, status: string): void {
  if (socket.writable) {
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\nretry-after: 1\r\n\r\n`);
  }
  socket.destroySoon();
}

/** While the pages' service starts: a page that looks again by itself. */
export function answerStarting(response: ServerResponse): void {
  response.writeHead(503, {
    "content-type": "text/html; charset=utf-8",
    "content-length": Buffer.byteLength(startingPage),
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "retry-after": "1",
  });
  response.end(startingPage);
}

const startingPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="1">
<meta name="color-scheme" content="light dark">
<title>Remote Claude is starting</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 100vh; margin: 0; }
  main { text-align: center; }
  p { opacity: .7; }
</style>
</head>
<body>
<main role="status">
<h1>Remote Claude is starting</h1>
<p>This page opens by itself in a moment. Nothing is lost.</p>
</main>
</body>
</html>
`;
