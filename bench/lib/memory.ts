import { readdirSync, readFileSync } from "node:fs";

/** Proportional set size in MB: what a process costs, shared pages counted by their share. 0 when it is gone. */
export function pssOf(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

interface Mapping {
  /** Empty: memory of the process's own. */
  readonly path: string;
  readonly kilobytes: (name: string) => number;
}

function mappingsOf(pid: number): Mapping[] {
  let text = "";
  try {
    text = readFileSync(`/proc/${pid}/smaps`, "utf8");
  } catch {
    // It has ended.
  }
  return text.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).map((block) => ({
    path: /^\S+ \S+ \S+ \S+ \S+ *(.*)$/m.exec(block)?.[1] ?? "",
    kilobytes: (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(block)?.[1] ?? 0),
  }));
}

/**
 * MB that these processes take on a machine where nothing else runs: what is their own, and what they share with each
 * other once. Proportional sizes would be lowered by every other Node process of the machine.
 */
export function weightOf(pids: readonly number[]): number {
  let own = 0;
  const shared = new Map<string, number>();
  for (const { path, kilobytes } of pids.flatMap(mappingsOf)) {
    const changed = Math.max(kilobytes("Private_Dirty"), kilobytes("Anonymous"));
    own += changed;
    if (!path.startsWith("/")) continue;
    shared.set(path, Math.max(shared.get(path) ?? 0, kilobytes("Rss") - changed));
  }
  return (own + [...shared.values()].reduce((sum, each) => sum + each, 0)) / 1024;
}

/** Resident set size in MB: all that it has in memory, shared or not. */
export function rssOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

export function allProcesses(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

/** The process and everything below it. */
export function treeOf(root: number): number[] {
  const parents = new Map(allProcesses().map((pid) => [pid, parentOf(pid)]));
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  return [...parents.keys()].filter(isBelow);
}

export function environmentOf(pid: number): Record<string, string> {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s).slice(0, 2)));
  } catch {
    return {};
  }
}
