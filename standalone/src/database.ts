import { fork } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@remote-claude/prisma/embedded";
import { withCredentials } from "@remote-claude/prisma/urls";
import type { Config } from "./config.ts";
import { Failure } from "./failure.ts";
import type { LogFile } from "./log-file.ts";
import type { Preparation } from "./preparation.ts";
import type { Secrets } from "./secrets.ts";
import { readableLine, type Terminal } from "./terminal.ts";

export interface Database {
  /** As the services' role. */
  readonly url: string;
  stop(): Promise<void>;
}

interface DatabaseOptions {
  readonly config: Config;
  readonly root: string;
  readonly secrets: Secrets;
  readonly log: LogFile;
  readonly terminal: Terminal;
  readonly onFatal: (failure: Failure) => void;
}

export const databaseName = "remote_claude";
export const appRole = "remote_claude_app";
export const databaseDirectory = ({ dataDir }: Pick<Config, "dataDir">) => join(dataDir, "postgres");
/** Waited before a crashed database is started again: the first time, and after each start that failed. */
const restartAfterMs = [0, 500, 1000, 2000, 5000];

/** The database, ready for the services: embedded, or the one that DATABASE_URL names. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const own = options.config.database;
  if (own === null) return await openEmbedded(options);
  const { username, password } = new URL(own.url);
  await prepare(options, {
    create: null,
    ownerUrl: own.ownerUrl,
    appRole: decodeURIComponent(username),
    appPassword: decodeURIComponent(password),
  });
  return { url: own.url, stop: async () => undefined };
}

async function openEmbedded(options: DatabaseOptions): Promise<Database> {
  const appPassword = options.secrets.databaseServicePassword;
  const server = new EmbeddedServer(options);
  const postgres = await server.start();
  const ownerUrl = postgres.ownerUrl(databaseName);
  try {
    const create = { serverUrl: postgres.ownerUrl(), name: databaseName };
    await prepare(options, { create, ownerUrl, appRole, appPassword });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url: withCredentials(ownerUrl, appRole, appPassword), stop: () => server.stop() };
}

/** The migrations are files: a bundle does not hold them, so it is told where they are. */
async function prepare(options: DatabaseOptions, how: Omit<Preparation, "migrationsDir">): Promise<void> {
  const preparation: Preparation = { ...how, migrationsDir: join(options.root, "prisma/migrations") };
  const program = import.meta.url.endsWith(".ts") ? "./prepare-database.ts" : "./prepare-database.js";
  const { PATH = "", HOME = "" } = options.config.environment;
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), [], {
    env: { PATH, HOME },
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // Ctrl-C at the terminal is for the supervisor, which waits for this.
    detached: true,
  });
  let last = "no reason given";
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      options.log.writeLine(line);
      last = readableLine(line);
    });
  }
  child.send(preparation);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code === 0) return;
  throw new Failure(
    `The database could not be brought up to date: ${last}`,
    `Its log: ${options.log.path}. The data itself is as it was.`,
  );
}

/** The embedded Postgres, started again when it ends by itself: it recovers, and the services reconnect. */
class EmbeddedServer {
  readonly #options: DatabaseOptions;
  readonly #stopping = new AbortController();
  #current: EmbeddedPostgres | null = null;
  #restarting: Promise<unknown> = Promise.resolve();

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  async start(): Promise<EmbeddedPostgres> {
    const { config, log } = this.#options;
    const dataDir = databaseDirectory(config);
    try {
      this.#current = await startEmbeddedPostgres({ dataDir, log: logOf(this.#options) });
    } catch (error) {
      throw new Failure(`The database does not start: ${(error as Error).message}`, `Its log: ${log.path}`, {
        cause: error,
      });
    }
    void this.#restartWhenEnded(this.#current);
    return this.#current;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#restarting;
    await this.#current?.stop();
  }

  async #restartWhenEnded(postgres: EmbeddedPostgres): Promise<void> {
    const { code, signal } = await postgres.ended.catch(() => ({ code: null, signal: null }));
    if (this.#stopping.signal.aborted) return;
    const how = signal ?? `exit status ${code ?? "unknown"}`;
    this.#options.terminal.warn("database", `ended (${how}); starting it again`);
    this.#restarting = this.#restart(postgres.ownerUrl()).catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      this.#options.onFatal(error instanceof Failure ? error : new Failure(String(error)));
    });
  }

  /** However often it ends: only one that does not start any more ends the product. */
  async #restart(url: string): Promise<void> {
    let failure: unknown;
    for (const ms of restartAfterMs) {
      await delay(ms, undefined, { signal: this.#stopping.signal });
      try {
        const next = await this.start();
        if (next.ownerUrl() === url) return;
      } catch (error) {
        failure = error;
        this.#options.terminal.warn("database", `${(error as Error).message}; trying again`);
        continue;
      }
      throw new Failure("The database came back at another address; start again");
    }
    throw failure;
  }
}

/** Into the log file as the services' lines are; what is worse than information to the terminal too. */
function logOf({ log, terminal }: DatabaseOptions) {
  const write = (level: number) => (details: object, msg: string) => {
    log.writeLine(JSON.stringify({ level, time: Date.now(), name: "database", ...details, msg }));
    const { postgres } = details as { postgres?: string };
    if (level >= 40) terminal.warn("database", postgres ?? msg);
  };
  return { info: write(30), warn: write(40), error: write(50) };
}
