import { setTimeout as delay } from "node:timers/promises";
import { AppError, type Isolation, type PlaceId, type PlaceStats } from "@remote-claude/protocol";
import { findRecorded, type ProcessIdentity, type ProcessInfo, type ProcessTable } from "./process-table.ts";

/** In the environment of everything that runs for a place, so that what left its parents can still be found. */
export const placeVariable = "REMOTE_CLAUDE_PLACE";

/** What is known of where a place's processes are. */
export interface PlaceProcesses {
  readonly placeId: PlaceId;
  /** The first process, whose descendants the others are; null when it was never recorded. */
  readonly process: ProcessIdentity | null;
  readonly isolation: Isolation;
}

const keyOf = ({ pid, startTime }: ProcessInfo) => `${pid} ${startTime}`;

/** Adds everything that descends from those given or shares a process session with one of them. */
function withRelatives(all: readonly ProcessInfo[], seeds: readonly ProcessInfo[]): ProcessInfo[] {
  const found = new Map(seeds.map((seed) => [seed.pid, seed]));
  const sessions = new Set(seeds.map(({ sessionId }) => sessionId));
  for (let grew = true; grew; ) {
    grew = false;
    for (const info of all) {
      if (found.has(info.pid) || !(found.has(info.parentPid) || sessions.has(info.sessionId))) continue;
      found.set(info.pid, info);
      sessions.add(info.sessionId);
      grew = true;
    }
  }
  return [...found.values()];
}

/**
 * Every process of the place. Those in a pid namespace all descend from the recorded process, in whatever way they
 * were started; without one, the environment is searched too, for what was orphaned on purpose.
 */
export function processesOf(
  table: ProcessTable,
  place: PlaceProcesses,
  options: { searchEnvironments?: boolean; all?: readonly ProcessInfo[] } = {},
): ProcessInfo[] {
  const { searchEnvironments = place.isolation === "none", all = table.all() } = options;
  const first = findRecorded(table, place.process);
  const marked = searchEnvironments
    ? all.filter(({ pid }) => table.hasVariable(pid, placeVariable, place.placeId))
    : [];
  return withRelatives(all, first === null ? marked : [first, ...marked]);
}

/** `all`: what `table.all()` said, for those who ask about several places at once. */
export function statsOf(table: ProcessTable, place: PlaceProcesses, all = table.all()): PlaceStats {
  const processes = processesOf(table, place, { all });
  return {
    memoryBytes: processes.reduce((sum, { pid }) => sum + table.memoryBytes(pid), 0),
    cpuSeconds: processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    processes: processes.length,
  };
}

/** False when the process is gone already. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Parents before the children they have among these. */
function parentsFirst(processes: readonly ProcessInfo[]): ProcessInfo[] {
  const byPid = new Map(processes.map((info) => [info.pid, info]));
  const depthOf = (info: ProcessInfo) => {
    let depth = 0;
    let parent = byPid.get(info.parentPid);
    // The table is no picture of one moment: what looks like a ring must not keep us.
    for (; parent !== undefined && depth < byPid.size; parent = byPid.get(parent.parentPid)) depth += 1;
    return depth;
  };
  const depths = new Map(processes.map((info) => [info.pid, depthOf(info)]));
  return [...processes].sort((a, b) => (depths.get(a.pid) ?? 0) - (depths.get(b.pid) ?? 0));
}

/** A signal takes effect a moment after it was sent, where the process runs on another processor. */
const stillWithinMs = 20;

function waitUntilStill(table: ProcessTable, pid: number): void {
  const deadline = performance.now() + stillWithinMs;
  while (!table.isStill(pid) && performance.now() < deadline);
}

/**
 * Signals all processes of the place until a look around finds no further one. Parents are stopped before their
 * children and go on after them: a shell that saw its program stopped would take the terminal away from it.
 */
export function signalAll(table: ProcessTable, place: PlaceProcesses, name: NodeJS.Signals): void {
  const signalled = new Set<string>();
  for (let grew = true; grew; ) {
    grew = false;
    const found = parentsFirst(processesOf(table, place));
    for (const info of name === "SIGCONT" ? found.reverse() : found) {
      if (signalled.has(keyOf(info))) continue;
      signalled.add(keyOf(info));
      if (signal(info.pid, name) && name === "SIGSTOP") waitUntilStill(table, info.pid);
      grew = true;
    }
  }
}

const killDeadlineMs = 10_000;

/**
 * Kills every process of the place, children born meanwhile included, and answers once they are gone. Killing the
 * first process of a pid namespace ends all in it, so one that was not seen yet does not get away.
 */
export async function killAll(table: ProcessTable, place: PlaceProcesses): Promise<void> {
  const known = new Map<string, ProcessInfo>();
  const deadline = performance.now() + killDeadlineMs;
  for (;;) {
    for (const info of processesOf(table, place, { searchEnvironments: true })) known.set(keyOf(info), info);
    const alive = [...known.values()].filter(
      ({ pid, startTime }) => table.find(pid)?.startTime === startTime,
    );
    if (alive.length === 0) return;
    if (performance.now() > deadline) {
      const pids = alive.map(({ pid }) => pid).join(", ");
      throw new AppError("internal", `processes of place ${place.placeId} cannot be ended: ${pids}`);
    }
    // Relatives once more: their recorded parent may be gone from the table by now.
    for (const info of withRelatives(table.all(), alive)) {
      known.set(keyOf(info), info);
      signal(info.pid, "SIGKILL");
    }
    await delay(10);
  }
}
