import { setTimeout as delay } from "node:timers/promises";
import { killAll, processesOf, signal, signalAll } from "./place-processes.ts";
import type { PlaceRecord } from "./place-record.ts";
import { findRecorded, type ProcessInfo, type ProcessTable } from "./process-table.ts";

/**
 * The agent among the processes of its place: the first that is neither the waiting shell nor bubblewrap, which is
 * the one whose death ends the sandbox.
 */
function findAgent(table: ProcessTable, record: PlaceRecord): ProcessInfo | null {
  const processes = processesOf(table, record);
  const childOf = ({ pid }: ProcessInfo) =>
    processes
      .filter(({ parentPid }) => parentPid === pid)
      .sort((one, other) => Number(one.startTime) - Number(other.startTime) || one.pid - other.pid)[0] ??
    null;
  // waiter → agent, or waiter → bwrap → bwrap as pid 1 of the sandbox → agent
  let found = findRecorded(table, record.process);
  for (let depth = record.isolation === "bubblewrap" ? 3 : 1; depth > 0 && found !== null; depth--) {
    found = childOf(found);
  }
  return found;
}

/** Asks the agent to end, gives it the time, then ends what is left. */
export async function endAgent(table: ProcessTable, record: PlaceRecord, graceMs: number): Promise<void> {
  const agent = findAgent(table, record);
  if (agent !== null) {
    signal(agent.pid, "SIGTERM");
    if (record.state === "paused") signalAll(table, record, "SIGCONT");
    const deadline = performance.now() + graceMs;
    while (findRecorded(table, record.process) !== null && performance.now() < deadline) await delay(10);
  }
  await killAll(table, record);
}
