import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDb, type Db } from "@remote-claude/prisma";

/** The folder of the project. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
const readyWithinMs = 240_000;

export const adminEmail = "admin@example.org";

export interface ProductOptions {
  /** Where egress sends model traffic. */
  readonly modelUrl?: string;
  readonly apiKey?: string | null;
  /** EGRESS_ALLOWED_HOSTS. */
  readonly allowedHosts?: string;
  readonly environment?: Record<string, string>;
  /** Started again on the data of an earlier one. */
  readonly dataDir?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Another account of this machine than the one that runs the tests. */
  readonly account?: { readonly uid: number; readonly gid: number };
  /** Stands for /etc/resolv.conf, for the product alone; only root can have that. */
  readonly resolvConf?: string;
}

/** A loopback port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Asks an address until its answer `holds`, whatever goes wrong meanwhile. */
async function until(address: string, holds: (answer: Response) => Promise<boolean>, withinMs = 60_000) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await fetch(address).catch(() => null);
    if (answer !== null && (await holds(answer).catch(() => false))) return;
    if (Date.now() > deadline) throw new Error(`not healthy: ${answer?.status ?? "no answer"}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until the product there and all it depends on answer. */
export const untilReady = (url: string, withinMs?: number): Promise<void> =>
  until(
    `${url}/api/ready`,
    async (answer) => answer.ok && ((await answer.json()) as { status: string }).status === "ok",
    withinMs,
  );

/** What starts it. The mount is in a namespace of its own, and goes with the last process there. */
function commandLine(resolvConf: string | undefined): readonly [string, ...string[]] {
  const start = [process.execPath, join(root, "scripts/start.mjs")] as const;
  if (resolvConf === undefined) return start;
  const mounted = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
  return ["unshare", "--mount", "sh", "-c", mounted, resolvConf, ...start];
}

/** The product, started as `npm start` starts it, on a data directory of its own. */
export class Product {
  readonly url: string;
  readonly dataDir: string;
  readonly adminPassword: string;
  /** The one-time link that was printed. */
  link = "";
  output = "";
  readonly process: ChildProcess;
  /** What egress holds; null: none. */
  readonly apiKey: string | null;
  #db: Db | null = null;

  private constructor(started: Pick<Product, "url" | "dataDir" | "adminPassword" | "apiKey" | "process">) {
    this.url = started.url;
    this.dataDir = started.dataDir;
    this.adminPassword = started.adminPassword;
    this.apiKey = started.apiKey;
    this.process = started.process;
  }

  static async start(options: ProductOptions = {}): Promise<Product> {
    const port = options.port ?? (await freePort());
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "rc-e2e-")));
    if (options.account) await chown(dataDir, options.account.uid, options.account.gid);
    const password = randomBytes(12).toString("hex");
    const apiKey =
      options.apiKey === undefined ? `sk-ant-e2e-${randomBytes(16).toString("hex")}` : options.apiKey;
    const { ANTHROPIC_AUTH_TOKEN: _, CLAUDE_CODE_OAUTH_TOKEN: __, ...inherited } = process.env;
    const [program, ...args] = commandLine(options.resolvConf);
    const child = spawn(program, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      ...options.account,
      env: {
        ...inherited,
        NODE_ENV: "production",
        PORT: String(port),
        PUBLIC_URL: `http://localhost:${port}`,
        REMOTE_CLAUDE_DATA_DIR: dataDir,
        ADMIN_EMAIL: adminEmail,
        ADMIN_PASSWORD: password,
        ANTHROPIC_API_KEY: apiKey ?? "",
        ANTHROPIC_BASE_URL: options.modelUrl ?? "http://127.0.0.1:9",
        EGRESS_ALLOWED_HOSTS: options.allowedHosts ?? "",
        ...options.environment,
      },
    });
    const url = `http://localhost:${port}`;
    const product = new Product({ url, dataDir, adminPassword: password, apiKey, process: child });
    try {
      await product.untilReady();
    } catch (error) {
      await product.stop({ keepData: options.dataDir !== undefined });
      throw error;
    }
    return product;
  }

  private untilReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready in time:\n${this.output}`)), readyWithinMs);
      const read = (chunk: Buffer) => {
        this.output += chunk.toString();
        const link = /https?:\/\/\S+\/sign-in\/link#[A-Za-z0-9_-]+/.exec(this.output)?.[0];
        // The last of the lines that it prints when all is there.
        if (link === undefined || this.link !== "" || !/Stop +Ctrl-C/.test(this.output)) return;
        this.link = link;
        clearTimeout(timer);

        resolve();
      };
      this.process.stdout?.on("data", read);
      this.process.stderr?.on("data", read);
      this.process.once("exit", (code) => {
        clearTimeout(timer);
        reject(new Error(`npm start ended with ${code}:\n${this.output}`));
      });
    });
  }

  /** The process id of one of its services: api, egress, session-manager, web. */
  async pidOf(service: string): Promise<number> {
    for (const { pid, command } of await descendants(this.process.pid ?? 0)) {
      if (command.includes(`/${service}/dist/main.js`)) return pid;
    }
    throw new Error(`no process of ${service}`);
  }

  /** What one of its services was started with. */
  async environmentOf(service: string): Promise<Record<string, string>> {
    const text = await readFile(`/proc/${await this.pidOf(service)}/environ`, "utf8");
    return Object.fromEntries(text.split("\0").flatMap((entry) => [entry.split(/=(.*)/s).slice(0, 2)]));
  }

  /** Its database, as the services see it. */
  async database(): Promise<Db> {
    const { DATABASE_URL: url = "" } = await this.environmentOf("api");
    this.#db ??= createDb({ url, maxConnections: 2 });
    return this.#db;
  }

  /** Every secret that no session and no log may hold, by its name. */
  async secrets(): Promise<Record<string, string>> {
    const directory = join(this.dataDir, "secrets");
    const read = async (path: string) => (await readFile(path, "utf8")).trim();
    const files = await Promise.all(
      (await readdir(directory)).map(async (name) => [name, await read(join(directory, name))] as const),
    );
    return {
      ...Object.fromEntries(files),
      "database-owner-password": await read(join(this.dataDir, "postgres/remote-claude.password")),
      "admin-password": this.adminPassword,
      ...(this.apiKey === null ? {} : { "model-key": this.apiKey }),
    };
  }

  /** The lines of a service's log; those that are no JSON as `{ msg }`. */
  async log(service: string): Promise<Record<string, unknown>[]> {
    const text = await readFile(join(this.dataDir, "logs", `${service}.log`), "utf8").catch(() => "");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        try {
          return JSON.parse(line) as Record<string, unknown>;
        } catch {
          return { msg: line };
        }
      });
  }

  /** What a service itself calls a bug, or died of. */
  async bugs(service: string): Promise<Record<string, unknown>[]> {
    return (await this.log(service)).filter(
      ({ msg, level }) => msg === "bug" || msg === "unhandled rejection" || Number(level) >= 60,
    );
  }

  /**
   * Until every service answers, the pages' too: one that is killed again before it was ready counts as one that cannot
   * start, and waits a minute in the end.
   */
  async untilHealthy(): Promise<void> {
    await untilReady(this.url);
    await until(`${this.url}/sign-in`, async (answer) => answer.ok && (await answer.text()) !== "");
  }

  /** The process id of its embedded database; 0 while there is none. */
  async databasePid(): Promise<number> {
    const file = await readFile(join(this.dataDir, "postgres/postmaster.pid"), "utf8").catch(() => "0");
    return Number(file.split("\n")[0]);
  }

  /** kill -9 of a service or the database, once it runs; the supervisor starts it again. */
  async kill(part: string): Promise<void> {
    const find = () => (part === "database" ? this.databasePid() : this.pidOf(part).catch(() => 0));
    for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline; ) {
      // One that was killed a moment ago is still on its way up.
      const pid = await find();
      if (pid > 0) return void process.kill(pid, "SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`no process of ${part}`);
  }

  /** kill -9 of everything in a session, once its agent runs. */
  async killAgent(sessionId: string): Promise<void> {
    const { id } = await (await this.database()).place.findUniqueOrThrow({ where: { sessionId } });
    for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline; ) {
      for (const { pid, command } of await processes()) {
        if (!/(^|\/)agent\.js$/.test(command.split(" ").at(-1) ?? "")) continue;
        const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
        if (environment.split("\0").includes(`REMOTE_CLAUDE_PLACE=${id}`))
          return void process.kill(pid, "SIGKILL");
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("no process of the agent");
  }

  /** Ends it as Ctrl-C does, and removes its data unless they are to be kept. */
  async stop({ keepData = false } = {}): Promise<void> {
    await this.#db?.$disconnect();
    this.#db = null;
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGINT");
      await ended;
    }
    if (!keepData) await rm(this.dataDir, { recursive: true, force: true });
  }

  /** The kernel's letters for what the processes of a session's place do: T is stopped. */
  async statesOf(sessionId: string): Promise<string[]> {
    const { id } = await (await this.database()).place.findUniqueOrThrow({ where: { sessionId } });
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const states = await Promise.all(
      pids.map(async (pid) => {
        const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
        if (!environment.split("\0").includes(`REMOTE_CLAUDE_PLACE=${id}`)) return [];
        const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
        return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
      }),
    );
    return states.flat();
  }

  /** Every process that still has to do with its data directory: none, after it has stopped. */
  async processes(): Promise<string[]> {
    const found: string[] = [];
    for (const { pid, command } of await processes()) {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
      if (command.includes(this.dataDir) || cwd.startsWith(this.dataDir)) found.push(`${pid} ${command}`);
    }
    return found;
  }
}

interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

async function processes(): Promise<ProcessInfo[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const infos = await Promise.all(
    pids.map(async (name) => {
      const pid = Number(name);
      const [command, stat] = await Promise.all([
        readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""),
        readFile(`/proc/${pid}/stat`, "utf8").catch(() => ""),
      ]);
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
      return { pid, parent, command: command.replaceAll("\0", " ").trim() };
    }),
  );
  return infos.filter((info) => info.command !== "");
}

async function descendants(ancestor: number): Promise<ProcessInfo[]> {
  const all = await processes();
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  return all.filter(({ pid }) => {
    for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at))
      if (at === ancestor) return true;
    return false;
  });
}
