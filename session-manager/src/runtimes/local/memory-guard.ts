import { processesOf, signal } from "./place-processes.ts";
import type { PlaceRecord } from "./place-record.ts";
import type { ProcessTable } from "./process-table.ts";

/**
 * Stands in for the kernel's memory limit where there is none: kills the largest process of a place that uses more
 * than it may. Answers whether it did.
 */
export function guardMemory(table: ProcessTable, record: PlaceRecord): boolean {
  const sized = processesOf(table, record).map(({ pid }) => ({ pid, bytes: table.memoryBytes(pid) }));
  const total = sized.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= record.limits.memoryMb * 1024 * 1024) return false;
  const largest = sized.reduce((one, other) => (other.bytes > one.bytes ? other : one));
  return signal(largest.pid, "SIGKILL");
}
