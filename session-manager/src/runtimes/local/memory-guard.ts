import { processesOf, signal } from "./place-processes.ts";
import type { PlaceRecord } from "./place-record.ts";
import type { ProcessInfo, ProcessTable } from "./process-table.ts";

/**
 * Stands in for the kernel's memory limit where there is none: kills the largest process of a place that uses more
 * than it may. Answers whether it did. `all`: what `table.all()` said.
 */
export function guardMemory(table: ProcessTable, record: PlaceRecord, all: readonly ProcessInfo[]): boolean {
  const processes = processesOf(table, record, { all });
  const limit = record.limits.memoryMb * 1024 * 1024;
  // The kernel walks all of a process's memory for its exact share: only where it may matter.
  if (processes.reduce((sum, { pid }) => sum + table.residentBytes(pid), 0) <= limit) return false;
  const sized = processes.map(({ pid }) => ({ pid, bytes: table.memoryBytes(pid) }));
  if (sized.reduce((sum, { bytes }) => sum + bytes, 0) <= limit) return false;
  const largest = sized.reduce((one, other) => (other.bytes > one.bytes ? other : one));
  return signal(largest.pid, "SIGKILL");
}
