import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentConfig } from "@remote-claude/protocol";

/** Directories, keys and agent.json of a place, as session-manager makes them. */
export class TestPlace {
  readonly directory = mkdtempSync(join(tmpdir(), "rc-agent-"));
  readonly in = join(this.directory, "in");
  readonly out = join(this.directory, "out");
  readonly workspace = join(this.directory, "workspace");
  readonly home = join(this.directory, "home");
  readonly socket = join(this.out, "agent.sock");
  readonly placeId = "abcdefgh2345";
  readonly secret = randomBytes(32).toString("base64url");
  readonly apiKey: KeyObject;
  readonly nodeOptions: string[] = [];
  #agent: ChildProcess | null = null;
  #log = "";

  constructor() {
    for (const path of [this.in, this.out, this.workspace, this.home]) mkdirSync(path);
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    this.apiKey = privateKey;
    const config: AgentConfig = {
      placeId: this.placeId,
      apiPublicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
      placeSecret: this.secret,
      permissionModes: ["default", "acceptEdits", "plan"],
    };
    writeFileSync(join(this.in, "agent.json"), JSON.stringify(config));
  }

  get env(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? "",
      AGENT_IN: this.in,
      AGENT_OUT: this.out,
      AGENT_WORKSPACE: this.workspace,
      AGENT_HOME: this.home,
      AGENT_EGRESS_PORT: "0",
    };
  }

  /** What the agent has logged so far. */
  get log(): string {
    return this.#log;
  }

  get pid(): number {
    return this.#agent?.pid ?? 0;
  }

  /** Starts the agent as a process of its own, and waits until it listens. */
  async start(
    env: Record<string, string> = {},
    main = join(import.meta.dirname, "../main.ts"),
  ): Promise<void> {
    const agent = spawn(process.execPath, [...this.nodeOptions, main], {
      env: { ...this.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#agent = agent;
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        this.#log += chunk.toString("utf8");
        if (this.#log.includes('"msg":"listening"')) resolve();
      };
      agent.stdout.on("data", read);
      agent.stderr.on("data", read);
      agent.once("exit", (code) => reject(new Error(`the agent ended (${code}): ${this.#log}`)));
    });
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    const agent = this.#agent;
    if (agent === null || agent.exitCode !== null || agent.signalCode !== null)
      return agent?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => agent.once("exit", resolve));
    agent.kill(signal);
    return ended;
  }

  async remove(): Promise<void> {
    await this.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }

  sign(text: string): string {
    return sign(null, Buffer.from(text), this.apiKey).toString("base64url");
  }

  mac(text: string): string {
    return createHmac("sha256", Buffer.from(this.secret, "base64url")).update(text).digest("base64url");
  }
}
