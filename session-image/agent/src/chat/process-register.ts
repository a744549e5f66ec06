import { readFileSync, writeFileSync } from "node:fs";

/** A process by its number, and the moment of its start: numbers are used again. */
interface Registered {
  readonly pid: number;
  readonly startedAt: string;
}

/**
 * Which Claude Code processes are ours, in a file: an agent that was killed leaves them running, in the middle of
 * what they did, and the next one ends them before it begins.
 */
export class ProcessRegister {
  readonly #path: string;
  #running: Registered[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Ends what a former life of the agent left behind. */
  endLeftovers(): number {
    const left = readRegister(this.#path).filter(({ pid, startedAt }) => startOf(pid) === startedAt);
    for (const { pid } of left) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended in the meantime.
      }
    }
    this.#save();
    return left.length;
  }

  add(pid: number): void {
    const startedAt = startOf(pid);
    if (startedAt === undefined) return;
    this.#running.push({ pid, startedAt });
    this.#save();
  }

  remove(pid: number): void {
    this.#running = this.#running.filter((one) => one.pid !== pid);
    this.#save();
  }

  #save(): void {
    try {
      writeFileSync(this.#path, JSON.stringify(this.#running), { mode: 0o600 });
    } catch {
      // A full disk: at worst a leftover lives until its session's container ends.
    }
  }
}

function readRegister(path: string): Registered[] {
  try {
    const list: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(list)
      ? list.filter(
          (one) => Number.isSafeInteger(one?.pid) && one.pid > 1 && typeof one.startedAt === "string",
        )
      : [];
  } catch {
    return [];
  }
}

/** Clock ticks after boot; the 22nd field, behind a name that may hold anything. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
