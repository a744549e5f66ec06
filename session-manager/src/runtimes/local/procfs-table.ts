import { readdirSync, readFileSync } from "node:fs";
import type { ProcessInfo, ProcessTable } from "./process-table.ts";

/** USER_HZ: 100 on every architecture Node runs on. */
const ticksPerSecond = 100;

/** null when the process is gone, or not ours to look at. */
function readProcFile(path: string): string | null {
  try {
    return readFileSync(`/proc/${path}`, "latin1");
  } catch {
    return null;
  }
}

/** Of /proc/<pid>/stat, whose second field may hold spaces and parentheses. null for a zombie. */
function parseStat(pid: number, stat: string): ProcessInfo | null {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parentPid, , sessionId] = fields;
  const startTime = fields[19];
  if (state === "Z" || state === "X" || startTime === undefined) return null;
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return {
    pid,
    parentPid: Number(parentPid),
    sessionId: Number(sessionId),
    startTime,
    cpuSeconds: ticks / ticksPerSecond,
  };
}

export class ProcfsTable implements ProcessTable {
  #bootId: string | undefined;

  bootId(): string {
    this.#bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return this.#bootId;
  }

  all(): ProcessInfo[] {
    return readdirSync("/proc").flatMap((name) => {
      const pid = Number(name);
      const found = Number.isInteger(pid) ? this.find(pid) : null;
      return found === null ? [] : [found];
    });
  }

  find(pid: number): ProcessInfo | null {
    const stat = readProcFile(`${pid}/stat`);
    return stat === null ? null : parseStat(pid, stat);
  }

  isStill(pid: number): boolean {
    const stat = readProcFile(`${pid}/stat`);
    return stat === null || /^[TtZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  }

  hasVariable(pid: number, name: string, value: string): boolean {
    const environment = readProcFile(`${pid}/environ`);
    return environment?.split("\0").includes(`${name}=${value}`) ?? false;
  }

  residentBytes(pid: number): number {
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readProcFile(`${pid}/status`) ?? "");
    return Number(resident?.[1] ?? 0) * 1024;
  }

  memoryBytes(pid: number): number {
    const shares = /^Pss:\s+(\d+) kB/m.exec(readProcFile(`${pid}/smaps_rollup`) ?? "");
    return shares === null ? this.residentBytes(pid) : Number(shares[1]) * 1024;
  }
}
