import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDb } from "./client.ts";
import { isRunning } from "./embedded/leftovers.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded.ts";
import { listen } from "./listen.ts";
import { databaseUrl, withCredentials } from "./urls.ts";

let folder: string;
let dataDir: string;
let running: EmbeddedPostgres[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rc-embedded-"));
  dataDir = join(folder, "postgres");
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
  await rm(folder, { recursive: true, force: true });
});

async function start(path = dataDir): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: path, durable: false });
  running.push(server);
  return server;
}

async function query(server: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.ownerUrl() });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Another process that starts the server and never stops it; resolves with the server's pid. */
async function startElsewhere(): Promise<{ owner: ReturnType<typeof spawn>; pid: number }> {
  const module = fileURLToPath(new URL("embedded.ts", import.meta.url));
  const script = `const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
    const { pid } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: false });
    console.log(pid); setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: owner.stdout }), "line")) as [string];
  return { owner, pid: Number(line) };
}

describe("the embedded Postgres", () => {
  it("keeps its data from one start to the next, and lets nobody in without the password", async () => {
    const first = await start();
    await first.ensureDatabase("mine");
    await first.ensureDatabase("mine");
    await query(first, "create table kept as select 7 as n");
    await first.stop();
    const second = await start();
    expect(await query(second, "select n from kept")).toEqual([{ n: 7 }]);
    const url = withCredentials(second.ownerUrl(), "postgres", "guessed");
    const stranger = new pg.Client({ connectionString: url });
    await expect(stranger.connect()).rejects.toThrow("password authentication failed");
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  it("listens on no network address", async () => {
    const server = await start();
    expect(await query(server, "show listen_addresses")).toEqual([{ listen_addresses: "" }]);
  });

  it("ends when the process that started it is killed, and starts again", async () => {
    const { owner, pid } = await startElsewhere();
    owner.kill("SIGKILL");
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
    const server = await start();
    expect(await query(server, "select 1 as n")).toEqual([{ n: 1 }]);
  });

  it("recovers from a server that was killed, with a number in its pid file that another process has now", async () => {
    const first = await start();
    await query(first, "create table kept as select 7 as n");
    await query(first, "checkpoint");
    process.kill(first.pid, "SIGKILL");
    expect(await first.ended).toEqual({ code: null, signal: "SIGKILL" });
    const pidFile = join(dataDir, "postmaster.pid");
    const lines = (await readFile(pidFile, "utf8")).split("\n");
    await writeFile(pidFile, [process.ppid, ...lines.slice(1)].join("\n"));
    const second = await start();
    expect(await query(second, "select n from kept")).toEqual([{ n: 7 }]);
  });

  it("is refused where another living process has it", async () => {
    const { owner } = await startElsewhere();
    await expect(start()).rejects.toThrow(`is in use by process ${owner.pid}`);
    owner.kill("SIGKILL");
    await once(owner, "exit");
  });

  it("ends a server that outlived its owner", async () => {
    const first = await start();
    await writeFile(
      join(dataDir, "remote-claude.owner"),
      JSON.stringify({ pid: 2 ** 22 - 3, startTime: "1" }),
    );
    const second = await start();
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(await query(second, "select 1 as n")).toEqual([{ n: 1 }]);
  });

  it("starts anew where making the folder was broken off", async () => {
    await mkdir(`${dataDir}.making`);
    await writeFile(join(`${dataDir}.making`, "PG_VERSION"), "17\n");
    expect(await query(await start(), "select 1 as n")).toEqual([{ n: 1 }]);
  });

  it("says which Postgres made a folder that it cannot open", async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, "PG_VERSION"), "12\n");
    await expect(start()).rejects.toThrow("was made by Postgres 12; this release brings 17");
  });

  it("says what Postgres said when it does not start", async () => {
    const server = await start();
    await server.stop();
    await writeFile(join(dataDir, "postgresql.conf"), "work_mem = nonsense\n");
    await expect(start()).rejects.toThrow(/did not start.*work_mem/);
  });

  it("works below a path that is too long for a socket, and one with spaces", async () => {
    const long = join(folder, "a folder with spaces".repeat(8), "postgres");
    const server = await start(long);
    expect(await query(server, "select 1 as n")).toEqual([{ n: 1 }]);
  });

  it.skipIf(process.geteuid?.() !== 0)("runs for root what an ordinary user made", async () => {
    const first = await start();
    await query(first, "create table kept as select 7 as n");
    await first.stop();
    await promisify(execFile)("chown", ["-R", "65534:65534", dataDir]);
    const second = await start();
    expect(await query(second, "select n from kept")).toEqual([{ n: 7 }]);
    expect((await stat(`/proc/${second.pid}`)).uid).toBe(65534);
  });

  it.skipIf(process.geteuid?.() !== 0)("works below a folder that only root may enter", async () => {
    await mkdir(join(folder, "closed"), { mode: 0o700 });
    const server = await start(join(folder, "closed", "postgres"));
    expect(await query(server, "select 1 as n")).toEqual([{ n: 1 }]);
  });
});

describe("the client", () => {
  it("goes on after Postgres was killed and started again, and so does a listener", async () => {
    const first = await start();
    const broken: Error[] = [];
    const db = createDb({ url: first.ownerUrl(), onConnectionError: (error) => broken.push(error) });
    const heard: string[] = [];
    let connected = 0;
    const listener = listen({
      url: first.ownerUrl(),
      channel: "places",
      onNotification: (payload) => heard.push(payload),
      onConnected: () => {
        connected += 1;
      },
    });
    expect(await db.$queryRaw`select 1 as n`).toEqual([{ n: 1 }]);
    await expect.poll(() => connected).toBe(1);
    process.kill(first.pid, "SIGKILL");
    await first.ended;
    await expect.poll(() => broken.length).toBeGreaterThan(0);
    await start();
    expect(await db.$queryRaw`select 2 as n`).toEqual([{ n: 2 }]);
    await expect.poll(() => connected, { timeout: 10_000 }).toBe(2);
    await db.$executeRaw`select pg_notify('places', 'x')`;
    await expect.poll(() => heard).toEqual(["x"]);
    await listener.close();
    await db.$disconnect();
  });
});

describe("addresses", () => {
  it("carry any password and path", () => {
    const target = { user: "a:b", password: "p@ss/w%rd ?", database: "d b", socketDir: "/tmp/a b" };
    const url = databaseUrl(target);
    const { user, password, database, host } = new pg.Client({ connectionString: url });
    expect({ user, password, database, socketDir: host }).toEqual(target);
    expect(new pg.Client({ connectionString: withCredentials(url, "c", "x%y:z@") }).password).toBe("x%y:z@");
  });
});
