import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@remote-claude/prisma/testing";
import { type Logger, pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type TaskQueue, taskQueue } from "./queue.ts";

const silent = pino({ level: "silent" });
let database: TestDatabase;
const queues: TaskQueue[] = [];
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.stop()));
  for (const close of closers.splice(0)) await close();
});
afterAll(() => database.drop());

async function open(url = database.url, log = silent): Promise<TaskQueue> {
  const queue = taskQueue(url, log, 4);
  queues.push(queue);
  await queue.start();
  return queue;
}

/** A way to the database that can be shut. */
async function openDoor() {
  const directory = await mkdtemp(join(tmpdir(), "rc-door-"));
  const behind = new URL(database.url);
  const name = ".s.PGSQL.5432";
  const target = join(behind.searchParams.get("host") ?? "", name);
  const sockets = new Set<Socket>();
  const door = { url: "", isOpen: true, refused: 0, shut: () => {} };
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (!door.isOpen) {
      door.refused += 1;
      return void socket.destroy();
    }
    const inside = connect(target);
    inside.on("error", () => undefined);
    for (const [one, other] of [
      [socket, inside],
      [inside, socket],
    ] as const) {
      sockets.add(one.once("close", () => other.destroy()));
      one.pipe(other);
    }
  });
  server.listen(join(directory, name));
  await once(server, "listening");
  door.shut = () => {
    door.isOpen = false;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  behind.searchParams.set("host", directory);
  door.url = behind.href;
  closers.push(async () => {
    door.shut();
    server.close();
    await rm(directory, { recursive: true });
  });
  return door;
}

/** Every line of a log, and how grave it is. */
function logged(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const log = pino(
    { level: "info" },
    { write: (text: string) => void lines.push(`${JSON.parse(text).level} ${JSON.parse(text).msg}`) },
  );
  return { log, lines };
}

describe("the queue of tasks", () => {
  it("begins a task as soon as it is in the queue, without looking for it often", async () => {
    const queue = await open();
    const perform = vi.fn(async () => {});
    await queue.work(perform);
    const taskId = randomUUID();
    await queue.enqueue(database.db, taskId, 60_000);
    await vi.waitFor(() => expect(perform).toHaveBeenCalledWith(taskId, expect.anything()), 20_000);
    const [settings] = await database.db.$queryRaw<object[]>`
      select notify, heartbeat_seconds as heartbeat from pgboss.queue where name = 'tasks'`;
    expect(settings).toEqual({ notify: true, heartbeat: 10 });
  });

  it("says once that its database is away, however often it is asked for, and once that it is back", async () => {
    const door = await openDoor();
    const { log, lines } = logged();
    const queue = await open(door.url, log);
    const perform = vi.fn(async () => {});
    await queue.work(perform);
    door.shut();
    await vi.waitFor(() => expect(door.refused).toBeGreaterThan(12), 30_000);
    expect(lines).toEqual(["40 the task queue has stopped; trying again"]);
    door.isOpen = true;
    await vi.waitFor(() => expect(lines[1]).toBe("30 the task queue works again"), 20_000);
    const taskId = randomUUID();
    await queue.enqueue(database.db, taskId, 60_000);
    await vi.waitFor(() => expect(perform).toHaveBeenCalledWith(taskId, expect.anything()), 20_000);
    expect(lines).toHaveLength(2);
  });

  it("gives what a killed api had taken to the next one at once, where there is only one", async () => {
    const taskId = randomUUID();
    const killed = await open();
    await killed.enqueue(database.db, taskId, 60_000);
    // As if it had been heard of just now: by its silence it is found out later than this test waits.
    await database.db.$executeRaw`
      update pgboss.job set state = 'active', started_on = now(), heartbeat_on = now() + interval '1 hour'
      where id = ${taskId}::uuid`;
    const next = await open();
    await next.takeOver();
    const perform = vi.fn(async () => {});
    await next.work(perform);
    await vi.waitFor(() => expect(perform).toHaveBeenCalledWith(taskId, expect.anything()), 20_000);
  });
});
