import { existsSync } from "node:fs";
import { AppError, type Payload, type Reply } from "@remote-claude/protocol";
import type { AgentServices } from "../context.ts";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import { runProcess } from "../lib/run-process.ts";
import { withMeaning } from "../lib/system-errors.ts";

const maxOutputBytes = 1024 * 1024;
const defaultTimeoutMs = 60_000;
const maxAtOnce = 16;
/** Two of these and their frame stay below what one frame may hold, however much of it is escaped. */
const maxEncodedLength = 1_900_000;
const maxDetailsLength = 64 * 1024;

/** Runs commands for scripts and the API: no terminal, a time limit, bounded output. */
export class CommandRunner {
  readonly #services: AgentServices;
  readonly #root: WorkspaceRoot;
  readonly #shell = existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh";
  readonly #cancellable = new Map<string, AbortController>();
  #running = 0;

  constructor(services: AgentServices, root: WorkspaceRoot) {
    this.#services = services;
    this.#root = root;
  }

  /** How many commands run now. */
  get running(): number {
    return this.#running;
  }

  async run(request: Payload<"workspace.execute">): Promise<Reply<"workspace.execute">> {
    if (this.#running >= maxAtOnce)
      throw new AppError("rate_limited", `${maxAtOnce} commands are running already`);
    const cancelled = new AbortController();
    const { executionId } = request;
    if (executionId !== undefined) {
      if (this.#cancellable.has(executionId)) throw new AppError("conflict", "this command runs already");
      this.#cancellable.set(executionId, cancelled);
    }
    this.#running += 1;
    try {
      const cwd = await withMeaning(request.cwd ?? "", () => this.#root.resolveDirectory(request.cwd ?? ""));
      return await withMeaning("the command", () => this.#run(request, cwd, cancelled.signal));
    } finally {
      this.#running -= 1;
      if (executionId !== undefined) this.#cancellable.delete(executionId);
    }
  }

  /** Ends a command that runs; whoever still waits is told that a signal ended it. */
  cancel(executionId: string): void {
    this.#cancellable.get(executionId)?.abort();
  }

  async #run(
    request: Payload<"workspace.execute">,
    cwd: string,
    signal: AbortSignal,
  ): Promise<Reply<"workspace.execute">> {
    const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
    const result = await runProcess(this.#shell, ["-c", request.command], {
      cwd,
      env: { ...this.#services.environment, TERM: "dumb", ...request.env },
      timeoutMs,
      maxBytes: maxOutputBytes,
      signal,
    });
    const stdout = textThatFits(result.stdout);
    const stderr = textThatFits(result.stderr);
    const truncated = result.truncated || stdout.cut || stderr.cut;
    if (result.timedOut)
      throw new AppError("timeout", `the command did not end within ${timeoutMs} ms and was killed`, {
        details: {
          stdout: stdout.text.slice(-maxDetailsLength).toWellFormed(),
          stderr: stderr.text.slice(-maxDetailsLength).toWellFormed(),
        },
      });
    return { stdout: stdout.text, stderr: stderr.text, exitCode: result.exitCode, truncated };
  }
}

/** Control characters grow sixfold in JSON: what does not fit a frame is cut. */
function textThatFits(bytes: Buffer): { text: string; cut: boolean } {
  let text = bytes.toString("utf8");
  let cut = false;
  while (Buffer.byteLength(JSON.stringify(text)) > maxEncodedLength) {
    text = text.slice(0, Math.floor(text.length * 0.8)).toWellFormed();
    cut = true;
  }
  return { text, cut };
}
