import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import http, { type IncomingHttpHeaders } from "node:http";
import type net from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSealer, gitSecretOf, parseSealingKeys, type Sealer } from "@remote-claude/prisma/sealing";
import { createTestDatabase, type TestDatabase } from "@remote-claude/prisma/testing";
import { pino } from "pino";
import { loadConfig } from "../config.ts";
import { type Egress, type EgressOptions, startEgress } from "../egress.ts";

/** A claimed place in the database: whose it is, and where its socket will be. */
export interface TestPlace {
  readonly placeId: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly socketPath: string;
}

export interface Harness {
  readonly database: TestDatabase;
  readonly runDir: string;
  /** Of the git credentials, as the api has it. */
  readonly sealer: Sealer;
  /** What egress logged, a line each. */
  readonly logged: string[];
  /** Makes a user, a session and its place; the socket comes by NOTIFY when egress runs. */
  addPlace(options?: {
    template?: string;
    allowedModels?: string[];
    monthlyBudgetUsd?: number;
    claimed?: boolean;
  }): Promise<TestPlace>;
  /** Starts egress under this environment (DATABASE_URL, RUN_DIR and a free port are given). */
  start(environment?: Record<string, string>, options?: Partial<EgressOptions>): Promise<Egress>;
  /** Stores a credential, sealed as the api seals it. */
  addGitCredential(userId: string, host: string, username: string, token: string): Promise<void>;
  /** Ends everything and removes it. */
  end(): Promise<void>;
}

export async function createHarness(): Promise<Harness> {
  const database = await createTestDatabase();
  const runDir = await mkdtemp(join(tmpdir(), "rc-eg-"));
  const running = new Set<Egress>();
  const gitKeys = `k1:${randomBytes(32).toString("base64url")}`;
  const sealer = createSealer(parseSealingKeys(gitKeys));
  const logged: string[] = [];
  return {
    database,
    runDir,
    sealer,
    logged,
    async addPlace({ template = "default", allowedModels = [], monthlyBudgetUsd, claimed = true } = {}) {
      const { db } = database;
      const name = randomBytes(6).toString("hex");
      const user = await db.user.create({
        data: {
          email: `${name}@example.org`,
          name,
          allowedModels,
          ...(monthlyBudgetUsd === undefined ? {} : { monthlyBudgetUsd }),
        },
      });
      const session = await db.session.create({ data: { name, ownerId: user.id, template } });
      const placeId = randomPlaceId();
      await db.place.create({ data: { id: placeId, template, sessionId: claimed ? session.id : null } });
      const socketPath = join(runDir, placeId, "in", "egress.sock");
      return { placeId, sessionId: session.id, userId: user.id, socketPath };
    },
    async start(environment = {}, options = {}) {
      const config = loadConfig({
        DATABASE_URL: database.url,
        RUN_DIR: runDir,
        EGRESS_PORT: "0",
        ANTHROPIC_API_KEY: "sk-real-key",
        GIT_CREDENTIAL_KEYS: gitKeys,
        ...environment,
      });
      const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(line) });
      const egress = await startEgress({ config, log, ...options });
      running.add(egress);
      return {
        ...egress,
        async stop() {
          running.delete(egress);
          await egress.stop();
        },
      };
    },
    async addGitCredential(userId, host, username, token) {
      const { bytes, keyId } = sealer.seal(token, gitSecretOf(userId, host));
      const sealed = { username, secret: new Uint8Array(bytes), keyId };
      await database.db.gitCredential.upsert({
        where: { userId_host: { userId, host } },
        create: { userId, host, ...sealed },
        update: sealed,
      });
    },
    async end() {
      for (const egress of running) await egress.stop();
      await database.drop();
      await rm(runDir, { recursive: true, force: true });
    },
  };
}

export function randomPlaceId(): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  return Array.from(randomBytes(12), (byte) => alphabet[byte % 32]).join("");
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The answer ended before it was whole. */
  readonly cut: boolean;
}

/** A request on a place's socket, its answer read whole. */
export function ask(
  socketPath: string,
  options: {
    method?: string;
    path: string;
    headers?: Record<string, string | string[]>;
    body?: string | Buffer;
  },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = "GET", path, headers = {}, body } = options;
    const request = http.request({ socketPath, method, path, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", () => undefined);
      answer.once("close", () => {
        const whole = Buffer.concat(chunks);
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: whole,
          text: whole.toString("utf8"),
          cut: !answer.complete,
        });
      });
    });
    request.once("error", reject);
    request.end(body);
  });
}

/** CONNECT on a place's socket. */
export function tunnelTo(
  socketPath: string,
  authority: string,
): Promise<{ status: number; socket: net.Socket; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath, method: "CONNECT", path: authority, agent: false });
    request.once("connect", (answer, socket, head) => {
      let text = head.toString("utf8");
      const tunnel = socket as net.Socket;
      if (answer.statusCode === 200) return resolve({ status: 200, socket: tunnel, text });
      tunnel.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
      });
      tunnel.once("close", () => resolve({ status: answer.statusCode ?? 0, socket: tunnel, text }));
    });
    request.once("error", reject);
    request.end();
  });
}

export interface Served {
  readonly port: number;
  close(): Promise<void>;
}

/** A server on a free loopback port. */
export async function serve(server: net.Server): Promise<Served> {
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Server-sent events as the Claude API sends them. */
export function sse(...events: readonly (readonly [type: string, data: object])[]): string {
  return events
    .map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)
    .join("");
}

/** A whole, short answer of the model. */
export function shortAnswer(model: string, text: string, usage: object = {}): string {
  return sse(
    [
      "message_start",
      {
        message: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model,
          content: [],
          usage: { input_tokens: 10, output_tokens: 1, ...usage },
        },
      },
    ],
    ["content_block_start", { index: 0, content_block: { type: "text", text: "" } }],
    ["content_block_delta", { index: 0, delta: { type: "text_delta", text } }],
    ["content_block_stop", { index: 0 }],
    [
      "message_delta",
      { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 5 } },
    ],
    ["message_stop", {}],
  );
}
