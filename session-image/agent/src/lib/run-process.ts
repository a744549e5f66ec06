import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { AppError } from "@remote-claude/protocol";
import { errorCode } from "./system-errors.ts";

/** After a program has ended, what still comes from others that hold its output is waited for so long. */
const drainMs = 250;

export interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Of stdout and of stderr each; what is more is read and thrown away. */
  readonly maxBytes: number;
  /** Kills it, with all it has started. */
  readonly signal?: AbortSignal;
  onStderr?(chunk: Buffer): void;
}

export interface RunResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly truncated: boolean;
  readonly timedOut: boolean;
}

const running = new Set<number>();

/** Kills every program that still runs, with all it has started. */
export function killRunningProcesses(): void {
  for (const pid of running) killGroup(pid);
}

/** Runs a program in a process group of its own, to its end or its timeout. */
export async function runProcess(file: string, args: string[], options: RunOptions): Promise<RunResult> {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...options.env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout = new Capped(child.stdout, options.maxBytes);
  const stderr = new Capped(child.stderr, options.maxBytes, options.onStderr);
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (pid !== undefined) killGroup(pid);
  }, options.timeoutMs);
  const { signal } = options;
  const kill = () => {
    if (pid !== undefined) killGroup(pid);
  };
  signal?.addEventListener("abort", kill);
  if (signal?.aborted) kill();
  try {
    const exitCode = await ended(child, file);
    const truncated = stdout.truncated || stderr.truncated;
    return { stdout: stdout.bytes, stderr: stderr.bytes, exitCode, truncated, timedOut };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", kill);
    if (pid !== undefined) running.delete(pid);
  }
}

function ended(child: ChildProcessByStdio<null, Readable, Readable>, file: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      const missing = errorCode(error) === "ENOENT";
      reject(
        missing ? new AppError("unavailable", `${file} is not available here`, { cause: error }) : error,
      );
    });
    child.once("exit", (code) => {
      // A program it left running may hold its output open for ever.
      const giveUp = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, drainMs);
      child.once("close", () => {
        clearTimeout(giveUp);
        resolve(code);
      });
    });
  });
}

class Capped {
  readonly #chunks: Buffer[] = [];
  #size = 0;
  truncated = false;

  constructor(stream: Readable, maxBytes: number, also?: (chunk: Buffer) => void) {
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => {
      also?.(chunk);
      const room = maxBytes - this.#size;
      if (chunk.length > room) this.truncated = true;
      if (room <= 0) return;
      const kept = chunk.subarray(0, room);
      this.#size += kept.length;
      this.#chunks.push(kept);
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it is gone.
  }
}
