import { readdirSync, readFileSync } from "node:fs";

/** Of the kernel's times in /proc: 100 a second wherever Linux runs. */
const ticksPerSecond = 100;
/** A program that waits (an editor, a server without requests) uses less of a processor than this. */
const busyShare = 0.01;

/** The fields of /proc/<pid>/stat after the command's name, which may hold anything: the first is the state. */
function statOf(pid: number | string): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    // It ended, or there is no /proc.
    return null;
  }
}

const field = (stat: readonly string[], index: number) => Number(stat[index] ?? 0);
const groupOf = (stat: readonly string[]) => field(stat, 2);
const foregroundOf = (stat: readonly string[]) => field(stat, 5);
/** Its own time and that of the children it has waited for, as a build's compilers. */
const ticksOf = (stat: readonly string[]) =>
  [11, 12, 13, 14].reduce((sum, index) => sum + field(stat, index), 0);

function ticksOfGroup(group: number): number {
  let sum = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat !== null && groupOf(stat) === group) sum += ticksOf(stat);
  }
  return sum;
}

/**
 * Tells whether a terminal was busy since it was asked last: a program other than the shell is in its foreground, and
 * has used the processor or written something. A shell at its prompt is not busy, nor is an editor left open.
 */
export class Foreground {
  #group = 0;
  #ticks = 0;
  #offset = 0;
  #at = performance.now();

  /** `shell` leads the terminal's session; `offset` is the end of its output so far. */
  wasBusy(shell: number, offset: number): boolean {
    const wrote = offset > this.#offset;
    const seconds = (performance.now() - this.#at) / 1000;
    this.#offset = offset;
    this.#at = performance.now();
    const stat = statOf(shell);
    // Where nothing can be known of programs, what is written counts for itself.
    if (stat === null) return wrote;
    const group = foregroundOf(stat);
    if (group === groupOf(stat)) {
      this.#group = 0;
      return false;
    }
    const ticks = ticksOfGroup(group);
    const used = Math.max(0, ticks - (group === this.#group ? this.#ticks : 0));
    this.#group = group;
    this.#ticks = ticks;
    return wrote || used > seconds * ticksPerSecond * busyShare;
  }
}
