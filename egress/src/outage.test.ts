import { mkdtemp, rm } from "node:fs/promises";
import http, { type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDb, type Db } from "@remote-claude/prisma";
import { migrate } from "@remote-claude/prisma/migrate";
import { startPostgres } from "@remote-claude/prisma/testing";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { loadConfig } from "./config.ts";
import { startEgress } from "./egress.ts";
import { ask, randomPlaceId, serve, shortAnswer } from "./testing/harness.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rc-out-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function addPlace(db: Db): Promise<string> {
  const user = await db.user.create({ data: { email: "a@example.org", name: "a" } });
  const session = await db.session.create({ data: { name: "s", ownerId: user.id, template: "default" } });
  const id = randomPlaceId();
  await db.place.create({ data: { id, template: "default", sessionId: session.id } });
  return join(folder, id, "in", "egress.sock");
}

it("while the database is away streams go on, new ones begin, and what they cost is written when it is back", async () => {
  const dataDir = join(folder, "db");
  let postgres = await startPostgres({ dataDir });
  await postgres.ensureDatabase("rc");
  const ownerUrl = postgres.ownerUrl("rc");
  await migrate({ ownerUrl, appPassword: "a-password-for-this-test" });
  const db = createDb({ url: ownerUrl, maxConnections: 2 });
  const socketPath = await addPlace(db);
  await db.$disconnect();

  let pending: ServerResponse | undefined;
  const answer = shortAnswer("claude-opus-5-5", "hi");
  const upstream = await serve(
    http.createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "text/event-stream" });
      if (request.url?.includes("slow")) {
        response.write(answer.slice(0, 100));
        pending = response;
      } else response.end(answer);
    }),
  );
  const config = loadConfig({
    DATABASE_URL: ownerUrl,
    GIT_CREDENTIAL_KEYS: `k1:${"A".repeat(43)}`,
    RUN_DIR: folder,
    EGRESS_PORT: "0",
    ANTHROPIC_API_KEY: "sk-real-key",
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${upstream.port}`,
  });
  const egress = await startEgress({ config, log: pino({ level: "silent" }), reconcileEveryMs: 100 });
  const post = (path: string) => ask(socketPath, { method: "POST", path, body: "{}" });

  const slow = post("/v1/messages?slow");
  await vi.waitFor(() => expect(pending).toBeDefined());
  await postgres.stop();
  const ready = () => fetch(`http://127.0.0.1:${egress.port}/ready`).then(({ status }) => status);
  await vi.waitFor(async () => expect(await ready()).toBe(503), { timeout: 15_000 });
  pending?.end(answer.slice(100));
  expect((await slow).text).toBe(answer);
  expect((await post("/v1/messages")).text).toBe(answer);

  postgres = await startPostgres({ dataDir });
  const after = createDb({ url: postgres.ownerUrl("rc"), maxConnections: 2 });
  await vi.waitFor(async () => expect(await after.modelUsage.count()).toBe(2), {
    timeout: 20_000,
    interval: 200,
  });
  expect(await after.auditLog.count({ where: { action: "model.requested" } })).toBe(2);
  await after.$disconnect();
  await egress.stop();
  await upstream.close();
  await postgres.stop();
}, 90_000);
