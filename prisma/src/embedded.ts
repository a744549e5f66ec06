import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { type Account, asAccount, chooseAccount, plainEnvironment, runAs } from "./embedded/account.ts";
import { findPostgresBinaries, type PostgresBinaries } from "./embedded/binaries.ts";
import {
  clearLeftovers,
  endServer,
  isRunning,
  ownerFile,
  ownerText,
  readPidFile,
  waitUntil,
} from "./embedded/leftovers.ts";
import { guard } from "./embedded/watchdog.ts";
import type { Log } from "./log.ts";
import { databaseUrl } from "./urls.ts";

export interface EmbeddedPostgresOptions {
  /** Made and filled when it is not there. */
  readonly dataDir: string;
  readonly log?: Log;
  /** false only where the data may be lost: no flush to disk at all. */
  readonly durable?: boolean;
  readonly maxConnections?: number;
}

export interface EmbeddedPostgres {
  /** The superuser's address of a database, over the unix socket; nothing listens on the network. */
  ownerUrl(database?: string): string;
  /** Makes the database when it is not there. */
  ensureDatabase(name: string): Promise<void>;
  readonly pid: number;
  /** Resolves when the server ended, by `stop` or by itself. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  stop(): Promise<void>;
}

/** A unix socket's path holds 107 bytes; Postgres appends `/.s.PGSQL.5432` and, for its lock, `.lock`. */
const maxSocketDirLength = 107 - "/.s.PGSQL.5432.lock".length;
const passwordFile = (dataDir: string) => join(dataDir, "remote-claude.password");

/**
 * Runs the Postgres of the npm package on `dataDir` until `stop`, or until this process ends in whatever way. It
 * does not hear Ctrl-C: who started it stops it after those who use it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = await findPostgresBinaries();
  await mkdir(dirname(options.dataDir), { recursive: true });
  const dataDir = join(await realpath(dirname(options.dataDir)), options.dataDir.split("/").at(-1) ?? "");
  const account = await chooseAccount(dataDir, binaries.postgres);
  await ensureCluster(dataDir, binaries, account, options.durable ?? true);
  await clearLeftovers(dataDir);
  await writeFile(ownerFile(dataDir), await ownerText());
  const password = (await readFile(passwordFile(dataDir), "utf8")).trim();
  const socketDir = await chooseSocketDir(dataDir, account);
  const server = await launch(dataDir, socketDir, binaries, account, options);
  const ownerUrl = (database = "postgres") =>
    databaseUrl({ user: "postgres", password, database, socketDir });
  return {
    ownerUrl,
    ensureDatabase: (name) => ensureDatabase(ownerUrl(), name),
    pid: server.pid,
    ended: server.ended,
    async stop() {
      await server.stop();
      if (socketDir !== dataDir) await rm(socketDir, { recursive: true, force: true });
    },
  };
}

/** The superuser's address of a database on the server that runs on `dataDir`; null when none does. */
export async function runningOwnerUrl(dataDir: string, database: string): Promise<string | null> {
  const server = await readPidFile(dataDir);
  if (server === null || !server.ready || !(await isRunning(server.pid))) return null;
  const password = (await readFile(passwordFile(dataDir), "utf8")).trim();
  return databaseUrl({ user: "postgres", password, database, socketDir: server.socketDir });
}

/** Fills a new folder beside it first: one that was killed in the middle leaves nothing half made. */
async function ensureCluster(
  dataDir: string,
  binaries: PostgresBinaries,
  account: Account,
  durable: boolean,
): Promise<void> {
  const version = await readFile(join(dataDir, "PG_VERSION"), "utf8").catch((error) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  });
  if (version !== null) {
    if (version.trim() === "17") return;
    throw new Error(`${dataDir} was made by Postgres ${version.trim()}; this release brings 17`);
  }
  const making = `${dataDir}.making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { mode: 0o700 });
  const secret = `${making}.password`;
  const password = randomBytes(24).toString("base64url");
  await rm(secret, { force: true });
  await writeFile(secret, `${password}\n`, { mode: 0o600, flag: "wx" });
  try {
    if (account.ids !== undefined) {
      for (const path of [making, secret]) await chown(path, account.ids.uid, account.ids.gid);
    }
    await runAs(account, binaries.initdb, [
      `--pgdata=${making}`,
      "--username=postgres",
      `--pwfile=${secret}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      "--no-instructions",
      ...(durable ? [] : ["--no-sync", "--wal-segsize=1"]),
    ]);
    await writeFile(passwordFile(making), password, { mode: 0o600 });
    await rename(making, dataDir);
  } finally {
    await rm(secret, { force: true });
  }
}

/** The data directory itself (nobody else may enter it), unless its path is too long for a socket. */
async function chooseSocketDir(dataDir: string, account: Account): Promise<string> {
  if (Buffer.byteLength(dataDir) <= maxSocketDirLength) return dataDir;
  const folder = await mkdtemp(join(tmpdir(), "rc-pg-"));
  await chmod(folder, 0o700);
  if (account.ids !== undefined) await chown(folder, account.ids.uid, account.ids.gid);
  return folder;
}

function settings(socketDir: string, options: EmbeddedPostgresOptions): Record<string, string | number> {
  const small = {
    shared_buffers: "32MB",
    work_mem: "4MB",
    maintenance_work_mem: "32MB",
    min_wal_size: options.durable === false ? "2MB" : "32MB",
    max_wal_size: "256MB",
    max_connections: options.maxConnections ?? 60,
    // One machine: no replicas, no parallel plans, no compiled ones.
    wal_level: "minimal",
    max_wal_senders: 0,
    max_replication_slots: 0,
    max_logical_replication_workers: 0,
    max_parallel_workers_per_gather: 0,
    max_parallel_maintenance_workers: 0,
    autovacuum_max_workers: 1,
    jit: "off",
    huge_pages: "off",
  };
  const quiet = {
    log_min_messages: "warning",
    logging_collector: "off",
    log_line_prefix: "",
    lc_messages: "C",
  };
  const local = {
    listen_addresses: "",
    port: 5432,
    unix_socket_directories: socketDir,
    unix_socket_permissions: "0700",
    timezone: "UTC",
    log_timezone: "UTC",
  };
  const careless =
    options.durable === false ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } : {};
  return { ...small, ...quiet, ...local, ...careless };
}

interface Server {
  readonly pid: number;
  readonly ended: EmbeddedPostgres["ended"];
  stop(): Promise<void>;
}

async function launch(
  dataDir: string,
  socketDir: string,
  binaries: PostgresBinaries,
  account: Account,
  options: EmbeddedPostgresOptions,
): Promise<Server> {
  const flags = Object.entries(settings(socketDir, options)).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const start = await asAccount(account, binaries.postgres, ["-D", dataDir, ...flags]);
  const child = spawn(start.command, start.args, {
    ...start.options,
    cwd: "/",
    env: plainEnvironment,
    // A session of its own: Ctrl-C in the terminal is for the supervisor.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said = listen(child, options.log);
  let over = false;
  const ended = new Promise<Awaited<EmbeddedPostgres["ended"]>>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      over = true;
      resolve({ code, signal });
    });
  });
  ended.catch(() => {
    over = true;
  });
  const pid = child.pid;
  if (pid === undefined) {
    await ended;
    throw new Error("Postgres did not start");
  }
  const watchdog = guard(pid, dataDir);
  ended.then(watchdog.release, watchdog.release);
  const ready = await waitUntil(async () => over || (await isReady(dataDir, pid)), 60_000);
  if (!ready) await endServer(pid);
  if (over || !ready) throw new Error(`Postgres did not start on ${dataDir}: ${said.join(" ").slice(-2000)}`);
  return {
    pid,
    ended,
    async stop() {
      if (!over) await endServer(pid);
      await ended;
    },
  };
}

async function isReady(dataDir: string, pid: number): Promise<boolean> {
  const file = await readPidFile(dataDir);
  return file?.pid === pid && file.ready;
}

/** Hands each line of the server's log on, and keeps the last for an error message. */
function listen(child: ChildProcess, log: Log | undefined): string[] {
  const last: string[] = [];
  if (child.stderr === null) return last;
  createInterface({ input: child.stderr }).on("line", (line) => {
    last.push(line);
    if (last.length > 20) last.shift();
    const severity = /^(\w+): {2}/.exec(line)?.[1];
    if (severity === "ERROR" || severity === "FATAL" || severity === "PANIC")
      log?.error({ postgres: line }, "database");
    else if (severity === "WARNING") log?.warn({ postgres: line }, "database");
    else log?.info({ postgres: line }, "database");
  });
  return last;
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  // Loaded only for this: who merely runs the server need not carry the driver.
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
