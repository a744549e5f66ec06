import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ScriptedModel } from "../../scripted-model/index.ts";
import { ApiEnd } from "./api-end.ts";

export interface PlaceOptions {
  readonly permissionModes?: readonly string[];
  /** Of the chat: `idleMs`, `spareMs`, `stopMs`. */
  readonly chat?: Readonly<Record<string, number>>;
  /** The agent as it is, instead of its conversations alone; `chat` and `claude` mean nothing then. */
  readonly wholeAgent?: boolean;
  /** `passTenMinutes` can be called. */
  readonly movableClock?: boolean;
  /** The place was started ahead of need, with Claude Code up in it. */
  readonly warmClaude?: boolean;
  /** For Claude Code itself. */
  readonly claude?: Readonly<Record<string, string>>;
}

/** The Claude Code that comes with the Agent SDK. */
export function claudeBinary(): string {
  const require = createRequire(
    fileURLToPath(new URL("../../../session-image/agent/package.json", import.meta.url)),
  );
  return require.resolve(`@anthropic-ai/claude-agent-sdk-linux-${process.arch}/claude`);
}

/** A session's directories, its agent in a process of its own, and the scripted model where egress would be. */
export class SessionPlace {
  readonly model = new ScriptedModel();
  readonly root = mkdtempSync(join(tmpdir(), "rc-chat-"));
  readonly workspace = join(this.root, "workspace");
  readonly home = join(this.root, "home");
  readonly #apiKey: KeyObject;
  readonly #options: PlaceOptions;
  #agent: ChildProcess | undefined;
  #ends: ApiEnd[] = [];

  constructor(options: PlaceOptions = {}) {
    this.#options = options;
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    this.#apiKey = privateKey;
    for (const name of ["in", "out", "workspace", "home"]) mkdirSync(join(this.root, name));
    const config = {
      placeId: "abcdefghijkl",
      apiPublicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
      placeSecret: randomBytes(32).toString("base64url"),
      permissionModes: options.permissionModes ?? ["default", "acceptEdits", "plan"],
      warmClaude: options.warmClaude ?? false,
    };
    writeFileSync(join(this.root, "in/agent.json"), JSON.stringify(config));
  }

  async start(): Promise<void> {
    if (!existsSync(join(this.root, "in/egress.sock")))
      await this.model.listenOn(join(this.root, "in/egress.sock"));
    const program = this.#options.wholeAgent ? "../../../session-image/agent/src/main.ts" : "./chat-host.ts";
    const host = fileURLToPath(new URL(program, import.meta.url));
    const clock = fileURLToPath(new URL("./ten-minutes.ts", import.meta.url));
    const agent = spawn(
      process.execPath,
      [...(this.#options.movableClock ? ["--import", clock] : []), host],
      {
        env: {
          PATH: process.env.PATH,
          AGENT_IN: join(this.root, "in"),
          AGENT_OUT: join(this.root, "out"),
          AGENT_WORKSPACE: this.workspace,
          AGENT_HOME: this.home,
          AGENT_EGRESS_PORT: "0",
          AGENT_CLAUDE_BINARY: claudeBinary(),
          LOG_LEVEL: "info",
          CHAT_OPTIONS: JSON.stringify(this.#options.chat ?? {}),
          CLAUDE_ENVIRONMENT: JSON.stringify(this.#options.claude ?? {}),
        },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    this.#agent = agent;
    await new Promise<void>((resolve, reject) => {
      let output = "";
      agent.stdout?.on("data", (data: Buffer) => {
        output = (output + data.toString()).slice(-10_000);
        if (process.env.SHOW_AGENT_LOG) process.stderr.write(data);
        if (output.includes('"listening"')) resolve();
      });
      agent.once("exit", (code) => reject(new Error(`the agent ended with ${code}: ${output}`)));
    });
  }

  /** A connection as the api makes one. */
  async connect(): Promise<ApiEnd> {
    const end = await ApiEnd.connect(join(this.root, "out/agent.sock"), this.#apiKey);
    this.#ends.push(end);
    return end;
  }

  /** Ends the agent at once, like the kernel's own end of it. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** For the agent's process, and when all that comes due by then has run. */
  async passTenMinutes(): Promise<void> {
    const { stdout } = this.#agent ?? {};
    if (!stdout) throw new Error("no agent runs");
    const passed = new Promise<void>((resolve) => {
      const listen = (data: Buffer) => {
        if (!data.toString().includes("ten minutes later")) return;
        stdout.off("data", listen);
        resolve();
      };
      stdout.on("data", listen);
    });
    this.#agent?.kill("SIGUSR2");
    await passed;
  }

  journal(conversationId: string): string {
    return readFileSync(join(this.home, ".remote-claude/journal", `${conversationId}.jsonl`), "utf8");
  }

  /** Processes of Claude Code that belong to this place: their working directory says so. */
  claudeProcesses(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
          const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
          return environment.includes(`HOME=${this.home}`) && command[0] === claudeBinary();
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  async dispose(): Promise<void> {
    for (const end of this.#ends) end.close();
    await this.#end("SIGTERM");
    for (const pid of this.claudeProcesses()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended in the meantime.
      }
    }
    await this.model.close();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    if (agent === undefined || agent.exitCode !== null || agent.signalCode !== null) return;
    const exited = once(agent, "exit");
    agent.kill(signal);
    await exited;
  }
}
