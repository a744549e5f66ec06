import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
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
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
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

  private constructor(url: string, dataDir: string, adminPassword: string, process: ChildProcess) {
    this.url = url;
    this.dataDir = dataDir;
    this.adminPassword = adminPassword;
    this.process = process;
  }

  static async start(options: ProductOptions = {}): Promise<Product> {
    const port = await freePort();
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "rc-e2e-")));
    const password = randomBytes(12).toString("hex");
    const { ANTHROPIC_AUTH_TOKEN: _, CLAUDE_CODE_OAUTH_TOKEN: __, ...inherited } = process.env;
    const child = spawn(process.execPath, [join(root, "scripts/start.mjs")], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...inherited,
        NODE_ENV: "production",
        PORT: String(port),
        PUBLIC_URL: `http://localhost:${port}`,
        REMOTE_CLAUDE_DATA_DIR: dataDir,
        ADMIN_EMAIL: adminEmail,
        ADMIN_PASSWORD: password,
        ANTHROPIC_API_KEY:
          options.apiKey === null ? "" : (options.apiKey ?? "sk-ant-e2e-key-that-never-enters"),
        ANTHROPIC_BASE_URL: options.modelUrl ?? "http://127.0.0.1:9",
        EGRESS_ALLOWED_HOSTS: options.allowedHosts ?? "",
        ...options.environment,
      },
    });
    const product = new Product(`http://localhost:${port}`, dataDir, password, child);
    await product.untilReady();
    return product;
  }

  private untilReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready in time:\n${this.output}`)), readyWithinMs);
      const read = (chunk: Buffer) => {
        this.output += chunk.toString();
        const link = /https?:\/\/\S+\/sign-in\/link#[A-Za-z0-9_-]+/.exec(this.output)?.[0];
        if (link === undefined || this.link !== "") return;
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
    const record: unknown = JSON.parse(await readFile(join(this.dataDir, "services.json"), "utf8"));
    const pid = (record as Record<string, { pid: number }>)[service]?.pid;
    if (pid === undefined) throw new Error(`no process of ${service}`);
    return pid;
  }

  /** kill -9; the supervisor starts it again. */
  async kill(service: string): Promise<void> {
    process.kill(await this.pidOf(service), "SIGKILL");
  }

  /** Ends it as Ctrl-C does, and removes its data unless they are to be kept. */
  async stop({ keepData = false } = {}): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGINT");
      await ended;
    }
    if (!keepData) await rm(this.dataDir, { recursive: true, force: true });
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
  readonly command: string;
}

async function processes(): Promise<ProcessInfo[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const infos = await Promise.all(
    pids.map(async (name) => {
      const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
      return { pid: Number(name), command: command.replaceAll("\0", " ").trim() };
    }),
  );
  return infos.filter((info) => info.command !== "");
}
