import { dirname } from "node:path";
import { AppError } from "@remote-claude/protocol";
import type { AgentServices } from "../context.ts";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import { type RunResult, runProcess } from "../lib/run-process.ts";

export interface GitOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

/** The person's own git in the workspace, with their settings. Paths are taken as they are, never as patterns. */
export class Git {
  readonly #services: AgentServices;
  readonly #root: WorkspaceRoot;
  readonly available: boolean;

  constructor(services: AgentServices, root: WorkspaceRoot, available: boolean) {
    this.#services = services;
    this.#root = root;
    this.available = available;
  }

  /** Runs it to its end, whatever the exit code says. */
  run(args: string[], options: GitOptions = {}): Promise<RunResult> {
    return runProcess("git", args, {
      cwd: this.#root.path,
      env: {
        ...this.#services.environment,
        LC_ALL: "C",
        GIT_LITERAL_PATHSPECS: "1",
        GIT_TERMINAL_PROMPT: "0",
        // A repository around the workspace is not the workspace's.
        GIT_CEILING_DIRECTORIES: dirname(this.#root.path),
        ...options.env,
      },
      timeoutMs: options.timeoutMs ?? 30_000,
      maxBytes: options.maxBytes ?? 64 * 1024,
    });
  }

  /** As `run`, to look only: it takes no lock that the person's own git would trip over. Throws if git fails. */
  async look(args: string[], options: GitOptions = {}): Promise<Buffer> {
    const result = await this.run(args, {
      ...options,
      env: { GIT_OPTIONAL_LOCKS: "0", ...options.env },
    });
    if (result.timedOut) throw new AppError("timeout", "git took too long to look at the workspace");
    if (result.exitCode !== 0) throw new AppError("bad_request", complaintOf(result));
    return result.stdout;
  }

  /** As `look`; null where git fails. */
  async find(args: string[], options: GitOptions = {}): Promise<string | null> {
    const result = await this.run(args, { ...options, env: { GIT_OPTIONAL_LOCKS: "0", ...options.env } });
    return result.exitCode === 0 && !result.timedOut ? result.stdout.toString("utf8").trim() : null;
  }

  /** Whether the workspace itself is a repository with files (and not a directory inside one, or a bare one). */
  async isRepository(): Promise<boolean> {
    if (!this.available) return false;
    const found = await this.find(["rev-parse", "--is-inside-work-tree", "--show-prefix"]).catch(() => null);
    return found === "true";
  }
}

/** What git, or a hook of it, said: its last lines, bounded. */
export function outputOf({ stdout, stderr }: Pick<RunResult, "stdout" | "stderr">): string {
  const text = [stderr.toString("utf8").trim(), stdout.toString("utf8").trim()].filter((part) => part !== "");
  return text.join("\n").slice(-16_000).toWellFormed();
}

function complaintOf(result: RunResult): string {
  const words = result.stderr.toString("utf8").trim().slice(0, 500).toWellFormed();
  return words === "" ? "git failed" : `git: ${words}`;
}
