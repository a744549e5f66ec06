import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { connectTimeoutMs, UpstreamError } from "./upstream.ts";

/**
 * What becomes of an answer: passed on under these headers, or replaced by what `replace` writes, which is given the
 * beginning of what it replaces if it asks for so many bytes.
 */
export type Disposition =
  | { readonly headers: readonly string[] }
  | { readonly replace: (beginning: Buffer) => void; readonly readBytes?: number };

export interface ForwardOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Opens the request to the other end; may throw when a header or path is not valid. */
  readonly open: () => ClientRequest;
  /** Sent instead of the request's own body. */
  readonly body?: Buffer;
  /** Ends the exchange when nothing moves for so long, in either direction. */
  readonly idleTimeoutMs: number;
  readonly onAnswer: (answer: IncomingMessage) => Disposition;
  /** Sees every piece of the answer after it was handed on. */
  readonly onChunk?: (chunk: Buffer) => void;
  /** Sees every piece of the client's body. */
  readonly onSent?: (chunk: Buffer) => void;
}

export interface Forwarded {
  /** "failed": no answer came, and nothing was sent to the client yet. */
  readonly outcome: "complete" | "client-gone" | "cut" | "failed";
  /** 0: none came. */
  readonly status: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly error: unknown;
}

/** Whether the message has a body; without either header it has none. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** The framing of a body that is streamed on: never left to defaults, which differ by method. */
export function framing(request: IncomingMessage): string[] {
  return request.headers["transfer-encoding"] === undefined ? [] : ["transfer-encoding", "chunked"];
}

/**
 * Hands a request on and its answer back, piece by piece: neither side is read faster than the other takes it, a
 * client that goes away ends the request, and an answer that is cut reaches the client cut.
 */
export function forward(options: ForwardOptions): Promise<Forwarded> {
  const { request, response, onAnswer, onChunk, idleTimeoutMs } = options;
  return new Promise((resolve) => {
    let status = 0;
    let bytesSent = 0;
    let bytesReceived = 0;
    let settled = false;
    let upstream: ClientRequest;
    if (response.destroyed) {
      // Gone while it was asked whether it may: nothing of it leaves any more.
      resolve({ outcome: "client-gone", status, bytesSent, bytesReceived, error: null });
      return;
    }
    const settle = (outcome: Forwarded["outcome"], error: unknown = null) => {
      if (settled) return;
      settled = true;
      response.off("close", onClientClose);
      resolve({ outcome, status, bytesSent, bytesReceived, error });
    };
    const onClientClose = () => {
      upstream.destroy();
      settle(response.writableFinished ? "complete" : "client-gone");
    };
    try {
      upstream = options.open();
    } catch (error) {
      request.resume();
      settle("failed", error);
      return;
    }
    watchTimes(upstream, idleTimeoutMs);
    response.on("close", onClientClose);

    upstream.on("error", (error) => {
      request.unpipe(upstream);
      // The rest of the body is read and dropped, so that the client comes to read the answer.
      request.resume();
      if (status === 0) settle("failed", error);
    });
    upstream.once("response", (answer) => {
      if (!isValidStatus(answer.statusCode)) {
        upstream.destroy();
        settle("failed", new UpstreamError("its answer is not valid HTTP"));
        return;
      }
      status = answer.statusCode;
      const disposition = onAnswer(answer);
      if ("replace" in disposition) {
        readBeginning(answer, disposition.readBytes ?? 0).then((beginning) => {
          response.off("close", onClientClose);
          upstream.destroy();
          disposition.replace(beginning);
          settle("complete");
        });
        return;
      }
      answer.once("close", () => {
        if (answer.complete) return;
        response.destroy();
        settle("cut", answer.errored);
      });
      // An "error" of the answer is always followed by "close".
      answer.on("error", () => undefined);
      response.once("finish", () => settle("complete"));
      writeHead(response, answer, disposition.headers);
      answer.pipe(response);
      answer.on("data", (chunk: Buffer) => {
        bytesReceived += chunk.length;
        onChunk?.(chunk);
      });
    });

    if (options.body !== undefined) {
      bytesSent = options.body.length;
      upstream.end(options.body);
    } else if (hasBody(request)) {
      request.pipe(upstream);
      request.on("data", (chunk: Buffer) => {
        bytesSent += chunk.length;
        options.onSent?.(chunk);
      });
    } else upstream.end();
  });
}

/** Up to so many bytes of an answer; fewer when it ends or breaks. */
function readBeginning(answer: IncomingMessage, bytes: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let length = 0;
    const done = () => resolve(Buffer.concat(pieces).subarray(0, bytes));
    answer.on("error", () => undefined);
    if (bytes === 0) return done();
    answer.on("data", (piece: Buffer) => {
      pieces.push(piece);
      length += piece.length;
      if (length >= bytes) done();
    });
    answer.once("close", done);
  });
}

/** The parser takes any three digits for a status; what Node would not write must not be handed on. */
const isValidStatus = (status: number | undefined): status is number => status !== undefined && status >= 200;

/** What no reason phrase may hold. The parser lets it in, and `writeHead` throws, which would end this process. */
const unwritable = /[^\t\x20-\x7e\x80-\xff]/g;

function writeHead(response: ServerResponse, answer: IncomingMessage, headers: readonly string[]): void {
  response.sendDate = false;
  const reason = (answer.statusMessage ?? "").replace(unwritable, "");
  response.writeHead(answer.statusCode ?? 502, reason, [...headers]);
  // Not with the first piece of the body, which may be a while in coming.
  response.flushHeaders();
}

function watchTimes(upstream: ClientRequest, idleTimeoutMs: number): void {
  upstream.setTimeout(idleTimeoutMs, () => upstream.destroy(new UpstreamError("it stopped answering")));
  upstream.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(
      () => upstream.destroy(new UpstreamError("the connection timed out")),
      connectTimeoutMs,
    );
    for (const event of ["connect", "close"] as const) socket.once(event, () => clearTimeout(timer));
  });
}
