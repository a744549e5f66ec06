/** A process of the host, as seen at one moment. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  readonly sessionId: number;
  /** With the pid it names a process for good: pids are used again, moments are not. Compare, don't read. */
  readonly startTime: string;
  /** Of the process and the children it has waited for. */
  readonly cpuSeconds: number;
}

/** The host's processes; of procfs on Linux, of `ps` elsewhere. Zombies count as gone. */
export interface ProcessTable {
  /** Changes when the host restarts: recorded start times mean nothing then. */
  bootId(): string;
  all(): ProcessInfo[];
  find(pid: number): ProcessInfo | null;
  /** Stopped by a signal, or gone; true as well where the system cannot tell. */
  isStill(pid: number): boolean;
  /** Whether `NAME=value` is in the environment that the process was started with. */
  hasVariable(pid: number, name: string, value: string): boolean;
  /** With all shared pages: quick to tell, and not less than `memoryBytes` but for what the kernel counts late. */
  residentBytes(pid: number): number;
  /** What it adds to the memory in use, shared pages counted by share where the system can tell. */
  memoryBytes(pid: number): number;
}

/** What a place's record keeps of its first process. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
}

/** The process, if it is still the one that was recorded. */
export function findRecorded(table: ProcessTable, identity: ProcessIdentity | null): ProcessInfo | null {
  if (identity === null || identity.bootId !== table.bootId()) return null;
  const found = table.find(identity.pid);
  return found?.startTime === identity.startTime ? found : null;
}

/** What to record of a process; null when it is gone already. */
export function identify(table: ProcessTable, pid: number | undefined): ProcessIdentity | null {
  const found = pid === undefined ? null : table.find(pid);
  return found === null ? null : { pid: found.pid, startTime: found.startTime, bootId: table.bootId() };
}
