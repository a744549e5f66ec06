import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@remote-claude/protocol";
import type { AgentServices } from "../context.ts";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import { type RunResult, runProcess } from "../lib/run-process.ts";

const timeoutMs = 120_000;
const name = /^[0-9a-f]{40,64}$/;

/** A patch as git writes it; `done` fails if git does. */
export interface Patch {
  readonly stdout: AsyncIterable<Buffer>;
  readonly done: Promise<void>;
  stop(): void;
}

/**
 * States of the workspace, kept as git trees in a repository of the agent's own, so that what a task changed can
 * be told without touching the person's repository. What .gitignore names is left out.
 */
export class Snapshots {
  readonly #services: AgentServices;
  readonly #root: WorkspaceRoot;
  readonly #available: boolean;
  /** They share an index: one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(services: AgentServices, root: WorkspaceRoot, available: boolean) {
    this.#services = services;
    this.#root = root;
    this.#available = available;
  }

  /** The tree's name; null when there is no git. */
  take(): Promise<string | null> {
    if (!this.#available) return Promise.resolve(null);
    const taken = this.#turn.then(() => this.#take());
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  /** What changed between two of them: call it to have git write it (`git diff --binary`). */
  patch(from: string, to: string): () => Patch {
    if (!name.test(from) || !name.test(to)) throw new AppError("bad_request", "that names no snapshot");
    return () => this.#diff(from, to);
  }

  #diff(from: string, to: string): Patch {
    const args = ["diff", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", from, to, "--"];
    const child = spawn("git", args, {
      cwd: this.#root.path,
      env: this.#env(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    const done = new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) =>
        code === 0 ? resolve() : reject(new AppError("not_found", "there is no such snapshot")),
      );
    });
    done.catch(() => undefined);
    return { stdout: child.stdout, done, stop: () => child.kill("SIGKILL") };
  }

  async #take(): Promise<string> {
    await mkdir(this.#services.config.stateDirectory, { recursive: true, mode: 0o700 });
    await this.#git(["init", "--quiet"], { GIT_DIR: this.#directory });
    await this.#git(["add", "--all", "--ignore-errors", "--", "."]);
    const { stdout } = await this.#git(["write-tree"]);
    return stdout.toString("utf8").trim();
  }

  get #directory(): string {
    return join(this.#services.config.stateDirectory, "snapshots.git");
  }

  #env(): Record<string, string> {
    return {
      ...this.#services.environment,
      LC_ALL: "C",
      GIT_DIR: this.#directory,
      GIT_WORK_TREE: this.#root.path,
      // The person's settings (filters, signing, hooks) have no say in these.
      GIT_CONFIG_GLOBAL: "/dev/null",
    };
  }

  async #git(args: string[], env: Record<string, string> = {}): Promise<RunResult> {
    const settings = [
      "core.autocrlf=false",
      "core.hooksPath=/dev/null",
      "gc.auto=0",
      "advice.addEmbeddedRepo=false",
    ];
    const config = settings.flatMap((setting) => ["-c", setting]);
    const result = await runProcess("git", [...config, ...args], {
      cwd: this.#root.path,
      env: { ...this.#env(), ...env },
      timeoutMs,
      maxBytes: 64 * 1024,
    });
    // 1 of `add --ignore-errors`: something could not be read; the rest is in.
    if (result.exitCode === 0 || (args[0] === "add" && result.exitCode === 1)) return result;
    const words = result.stderr.toString("utf8").trim().slice(0, 500);
    throw new AppError("unavailable", `the workspace's state could not be kept (git: ${words})`);
  }
}
