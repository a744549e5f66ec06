import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createServer } from "node:net";
import { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createMemoryRateLimiter, type Rate } from "../lib/rate-limit.ts";
import { signedInClient, startApi } from "../testing/index.ts";
import type { Broadcaster } from "./broadcaster.ts";
import { createReplicas, type Replicas } from "./index.ts";
import { presenceChannel, redisPresence } from "./redis-presence.ts";

const reason = whyNotHere();
const log = pino({ level: "silent" });
const rate: Rate = { capacity: 3, windowMs: 60_000 };
const memory = () => createMemoryRateLimiter({ now: () => new Date() });

let redis: ChildProcess;
let port: number;
const url = () => `redis://127.0.0.1:${port}`;
const open: Replicas[] = [];

function whyNotHere(): string | null {
  try {
    execFileSync("redis-server", ["--version"]);
    return null;
  } catch {
    return "redis-server is not installed";
  }
}

async function startRedis(): Promise<void> {
  redis = spawn("redis-server", ["--port", String(port), "--save", "", "--appendonly", "no"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await new Promise<void>((resolve, reject) => {
    redis.once("exit", () => reject(new Error("redis-server ended")));
    redis.stdout?.on("data", (text: Buffer) => text.includes("Ready to accept connections") && resolve());
  });
}

async function endRedis(): Promise<void> {
  const ended = new Promise((resolve) => redis.once("exit", resolve));
  redis.kill("SIGKILL");
  await ended;
}

function join(): Replicas {
  const replicas = createReplicas(url(), log);
  open.push(replicas);
  return replicas;
}

beforeAll(async () => {
  if (reason !== null) return;
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  port = (probe.address() as { port: number }).port;
  await new Promise((resolve) => probe.close(resolve));
  await startRedis();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((replicas) => replicas.close()));
});
afterAll(async () => {
  if (reason === null) await endRedis();
});

describe.skipIf(reason !== null)(`two apis by Redis${reason === null ? "" : ` [skipped: ${reason}]`}`, () => {
  it("count attempts together, say how long to wait, and which refusal is the first", async () => {
    const [one, other] = [join().shareLimits(memory()), join().shareLimits(memory())];
    const key = `pair ${crypto.randomUUID()}`;
    for (const limiter of [one, other, one]) expect(await limiter.take(key, rate)).toEqual({ ok: true });
    const refused = await other.take(key, rate);
    expect(refused).toEqual({ ok: false, first: true, retryAfterSeconds: expect.any(Number) });
    expect(refused.ok || refused.retryAfterSeconds).toBeGreaterThan(10);
    expect(refused.ok || refused.retryAfterSeconds).toBeLessThanOrEqual(20);
    expect(await one.take(key, rate)).toMatchObject({ ok: false, first: false });
    expect(await one.take(`${key} of somebody else`, rate)).toEqual({ ok: true });
    await one.giveBack(key, rate);
    expect(await other.take(key, rate)).toEqual({ ok: true });
  });

  it("limit wrong passwords together, whichever of them is asked", async () => {
    const apis = await Promise.all([1, 2].map(() => startApi({ env: { REDIS_URL: url() } })));
    try {
      const address = { "x-forwarded-for": "203.0.113.9" };
      const email = `${crypto.randomUUID()}@example.org`;
      const attempt = async (index: number) => {
        const client = apis[index % 2]?.client.with({ ...address, origin: "http://claude.test" });
        return (await client?.post("/api/auth/login", { email, password: "wrong" }))?.status;
      };
      const statuses: (number | undefined)[] = [];
      for (let index = 0; index < 10; index++) statuses.push(await attempt(index));
      expect(statuses).toEqual([...Array(8).fill(401), 429, 429]);
      // Whoever signs in from elsewhere is not kept out by that.
      for (const api of apis) expect((await signedInClient(api)).cookie).toContain("=");
    } finally {
      await Promise.all(apis.map((api) => api.stop()));
    }
  });

  it("know who looks into a session through the other, and forget it when that one goes", async () => {
    const [one, other] = [join(), join()];
    const sessionId = crypto.randomUUID();
    const ada = { id: crypto.randomUUID(), name: "Ada", role: "viewer" as const };
    const heard: string[] = [];
    other.onPresenceChange((changed) => heard.push(changed));
    await vi.waitFor(() => {
      one.sharePresence(sessionId, [ada]);
      expect(heard).toContain(sessionId);
    });
    expect(await other.presentElsewhere(sessionId)).toEqual([ada]);
    expect(await one.presentElsewhere(sessionId)).toEqual([]);
    open.splice(open.indexOf(one), 1);
    await one.close();
    await vi.waitFor(async () => expect(await other.presentElsewhere(sessionId)).toEqual([]));
  });

  it("say once that the people of one that crashed are gone", async () => {
    const [redis, subscriber] = [new Redis(url()), new Redis(url())];
    const sessionId = crypto.randomUUID();
    const people = [{ id: crypto.randomUUID(), name: "Ada", role: "viewer" as const }];
    const said: string[] = [];
    await subscriber.subscribe(presenceChannel);
    subscriber.on("message", (_channel, about) => said.push(about));
    const crashed = JSON.stringify({ at: Date.now() - 31_000, people });
    const underWay: Promise<unknown>[] = [];
    const quietly = (work: Promise<unknown>) => void underWay.push(work.catch(() => {}));
    const apis = ["one", "other"].map((self) => redisPresence(redis, self, quietly, 20));
    try {
      for (const api of apis) api.sharePresence(sessionId, people);
      await vi.waitFor(() => expect(said).toHaveLength(2), 20_000);
      await redis.hset(`remote-claude:presence:${sessionId}`, "crashed", crashed);
      await vi.waitFor(() => expect(said).toHaveLength(3), 20_000);
      const fields = await redis.hkeys(`remote-claude:presence:${sessionId}`);
      expect(fields.sort()).toEqual(["one", "other"]);
    } finally {
      for (const api of apis) api.close();
      await Promise.all(underWay);
      for (const connection of [redis, subscriber]) connection.disconnect();
    }
  });

  it("tell each other's browsers what happens, and know who is at work", async () => {
    const [one, other] = [join(), join()];
    const heard: string[] = [];
    const local = {
      toSession: (type: string) => void heard.push(type),
      toUsers: (type: string) => void heard.push(type),
      disconnect: (_who: unknown, why: string) => void heard.push(why),
    } as unknown as Broadcaster;
    const silent = { toSession() {}, toUsers() {}, disconnect() {} } as unknown as Broadcaster;
    other.share(local);
    const speaker = one.share(silent);
    // Subscribed by and by.
    await vi.waitFor(() => {
      speaker.toSession("session.changed", "s", {} as never);
      expect(heard).toContain("session.changed");
    });
    speaker.disconnect({ userId: "u" }, "access-changed");
    await vi.waitFor(() => expect(heard).toContain("access-changed"));
    const done = one.markBusy("s");
    await vi.waitFor(async () => expect(await other.isBusyElsewhere("s")).toBe(true));
    expect(await one.isBusyElsewhere("s")).toBe(false);
    done();
    await vi.waitFor(async () => expect(await other.isBusyElsewhere("s")).toBe(false));
  });

  it("count each for itself while Redis is away, and together again when it is back", async () => {
    const [one, other] = [join().shareLimits(memory()), join().shareLimits(memory())];
    const key = `pair ${crypto.randomUUID()}`;
    expect(await one.take(key, rate)).toEqual({ ok: true });
    await endRedis();
    for (const limiter of [one, other]) {
      for (let count = 0; count < 3; count++) expect(await limiter.take(key, rate)).toEqual({ ok: true });
      expect(await limiter.take(key, rate)).toMatchObject({ ok: false });
    }
    await startRedis();
    await vi.waitFor(async () => expect(await one.take(key, rate)).toEqual({ ok: true }), 10_000);
    await vi.waitFor(async () => expect(await other.take(key, rate)).toMatchObject({ ok: false }), 10_000);
  });
});
