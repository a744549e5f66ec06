import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@remote-claude/prisma/testing";
import { type Logger, pino } from "pino";
import { type App, createApp, type Replacements } from "../app.ts";
import { loadConfig } from "../config.ts";
import { ApiClient } from "./client.ts";
import { FakeAgents } from "./fake-agents.ts";
import { FakeManager } from "./fake-manager.ts";

/** Time that a test moves by hand; it begins now. */
export class TestClock {
  #at = Date.now();
  now = () => new Date(this.#at);
  advance(ms: number): void {
    this.#at += ms;
  }
}

export interface TestApi {
  app: App;
  readonly database: TestDatabase;
  readonly manager: FakeManager;
  readonly agents: FakeAgents;
  readonly clock: TestClock;
  /** What stands for it says this; whose requests it was asked for it remembers. */
  readonly egress: { modelKeyConfigured: boolean; readonly requestIds: unknown[] };
  /** Nobody is signed in with it. */
  client: ApiClient;
  readonly internal: () => ApiClient;
  /** Ends the api as SIGTERM does, and starts another on the same database and places. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const publicUrl = "http://claude.test";
const internalSecret = "internal-secret-of-the-tests";

/** A real api on a real database; session-manager and agents are fakes unless replaced. */
export async function startApi(
  options: { env?: Record<string, string>; log?: Logger; replacements?: Replacements } = {},
): Promise<TestApi> {
  const directory = await mkdtemp(join(tmpdir(), "rc-api-"));
  const database = await createTestDatabase();
  const egress = { modelKeyConfigured: true, requestIds: [] as unknown[] };
  const egressServer = await listen((request, response) => {
    egress.requestIds.push(request.headers["x-request-id"]);
    if (request.url === "/metrics")
      return response.end("# TYPE remote_claude_egress_places gauge\nremote_claude_egress_places 3\n");
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ status: "ok", modelKeyConfigured: egress.modelKeyConfigured }));
  });
  const environment = {
    ...testEnvironment(directory, database.url),
    EGRESS_URL: `http://127.0.0.1:${(egressServer.address() as AddressInfo).port}`,
    ...options.env,
  };
  const manager = new FakeManager();
  const agents = new FakeAgents();
  const clock = new TestClock();
  const start = async () => {
    const config = loadConfig(environment);
    const log = options.log ?? pino({ level: config.logLevel });
    const app = createApp(config, log, { manager, agents, clock, ...options.replacements });
    const { port } = await app.start();
    return { app, client: new ApiClient(`http://127.0.0.1:${port}`) };
  };
  const api: TestApi = {
    ...(await start()),
    database,
    manager,
    agents,
    clock,
    egress,
    internal: () => api.client.with({ authorization: `Bearer ${internalSecret}` }),
    async restart() {
      await api.app.stop();
      Object.assign(api, await start());
    },
    async stop() {
      await api.app.stop();
      await database.drop();
      egressServer.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return api;
}

function testEnvironment(directory: string, databaseUrl: string): Record<string, string> {
  const ed25519 = () =>
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
  return {
    NODE_ENV: "test",
    MODE: "standalone",
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "silent",
    API_PORT: "0",
    PUBLIC_URL: publicUrl,
    INTERNAL_SECRET: internalSecret,
    DATABASE_URL: databaseUrl,
    RUN_DIR: join(directory, "run"),
    MANAGER_URL: "http://127.0.0.1:9",
    MANAGER_SECRET: "manager-secret-of-the-tests",
    PLACE_SECRET_KEY: randomBytes(32).toString("base64url"),
    API_SIGNING_KEY: ed25519(),
    AUDIT_SEAL_KEYS: ed25519(),
    GIT_CREDENTIAL_KEYS: `k1:${randomBytes(32).toString("base64url")}`,
    RECORDING_KEYS: `k1:${randomBytes(32).toString("base64url")}`,
    ARTIFACTS_DIR: join(directory, "artifacts"),
    // A test counts the places that it asked for.
    WARM_PLACES: "0",
  };
}

function listen(onRequest: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(onRequest ?? (() => {}));
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
