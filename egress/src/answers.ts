import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

const maxPhraseLength = 240;

/**
 * The sentence in the place of "Forbidden", in the one line of an answer that pip, wget and npm show: of a tunnel that is
 * refused, they show nothing else.
 */
function phraseOf(message: string): string {
  return message.replace(/[^\x20-\x7e]+/g, " ").slice(0, maxPhraseLength);
}

/** A refusal or failure in one plain sentence. */
export function answerText(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = `${message}\n`;
  response.writeHead(status, phraseOf(message), {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...headers,
  });
  response.end(body);
}

/** The same on a bare connection, which ends with it. */
export function answerOnSocket(socket: Duplex, status: number, message: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${message}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${phraseOf(message)}\r\ncontent-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
