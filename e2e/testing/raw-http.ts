import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import type { Client, Running } from "./client.ts";

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The code of the error body, if it is one. */
  readonly code: string | null;
}

export interface RawRequest {
  readonly method?: string;
  /** Sent as it is: `fetch` would tidy it up. */
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

function codeOf(text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown } };
    return typeof error?.code === "string" ? error.code : null;
  } catch {
    return null;
  }
}

/** One request exactly as written, on a connection of its own. */
export function sendRaw(
  product: Running,
  { method = "GET", path, headers = {}, body }: RawRequest,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(product.url);
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const sent = request({
      host: hostname,
      port,
      method,
      path,
      headers: { ...length, ...headers },
      agent: false,
    });
    sent.once("error", reject);
    sent.once("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.once("error", reject);
      response.once("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, code: codeOf(text) });
      });
    });
    sent.end(body);
  });
}

/** The same with a token. */
export const rawOf = (client: Client) => (asked: RawRequest) =>
  sendRaw(client.product, {
    ...asked,
    headers: { authorization: `Bearer ${client.token}`, ...asked.headers },
  });

/** Writes bytes to the product's port and hangs up; resolves with what came back until one of them did. */
export function writeAndHangUp(product: Running, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(product.url);
    const socket = connect({ host: hostname, port: Number(port) });
    let heard = "";
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
    });
    // Being hung up on is an answer too.
    socket.on("error", (error) => "syscall" in error && error.syscall === "connect" && reject(error));
    socket.once("close", () => resolve(heard));
    socket.write(bytes, () => socket.end());
    // A server that waits for the rest of what was announced would keep its half open.
    setTimeout(() => socket.destroy(), 1000).unref();
  });
}
