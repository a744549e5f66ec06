import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Forwarder, startForwarder } from "./forwarder.ts";
import { createLog } from "./lib/log.ts";

const log = createLog("silent");
let directory: string;
let path: string;
let forwarder: Forwarder;
let server: Server | null;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "rc-forward-"));
  path = join(directory, "egress.sock");
  server = null;
  forwarder = await startForwarder(0, path, log);
});
afterEach(() => {
  forwarder.stop();
  server?.close();
  rmSync(directory, { recursive: true });
});

/** Answers with what it was sent, once the sender has closed its half. */
async function serveEcho(): Promise<void> {
  const echo = createServer({ allowHalfOpen: true }, (socket) => {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => socket.end(Buffer.concat(chunks)));
    socket.on("error", () => undefined);
  });
  server = echo;
  await new Promise<void>((resolve) => echo.listen(path, resolve));
}

function ask(content: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect({ port: forwarder.port, host: "127.0.0.1", allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(chunks)));
    socket.on("end", () => socket.end());
    socket.end(content);
  });
}

it("passes everything both ways, with one half closed", async () => {
  await serveEcho();
  const content = Buffer.alloc(3_000_000, "0123456789");
  expect((await ask(content)).equals(content)).toBe(true);
});

it("waits for an egress that is not there yet", async () => {
  const answer = ask(Buffer.from("early"));
  await serveEcho();
  expect((await answer).toString()).toBe("early");
});

it("ends a connection whose other end breaks", async () => {
  const rude = createServer((socket) => socket.destroy());
  server = rude;
  await new Promise<void>((resolve) => rude.listen(path, resolve));
  expect((await ask(Buffer.from("x"))).length).toBe(0);
});

it("gives up on an egress that never comes", async () => {
  expect((await ask(Buffer.from("x"))).length).toBe(0);
});
