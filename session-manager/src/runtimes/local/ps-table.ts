import { execFileSync } from "node:child_process";
import type { ProcessInfo, ProcessTable } from "./process-table.ts";

/** Empty when ps finds nothing, which it reports as a failure. */
function run(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: "latin1", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return "";
  }
}

/** `[[days-]hours:]minutes:seconds` */
function parseCpuTime(text: string): number {
  const [clock = "", days = "0"] = text.split("-").reverse();
  return clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}

function parseLine(line: string): ProcessInfo[] {
  const [pid, parentPid, groupId, state, time, ...started] = line.trim().split(/\s+/);
  if (time === undefined || state === undefined || state.startsWith("Z")) return [];
  return [
    {
      pid: Number(pid),
      parentPid: Number(parentPid),
      // macOS' ps does not say the session; the group is the nearest thing to it.
      sessionId: Number(groupId),
      startTime: started.join(" "),
      cpuSeconds: parseCpuTime(time),
    },
  ];
}

const columns = "pid=,ppid=,pgid=,state=,time=,lstart=";

/** For hosts without procfs (macOS). */
export class PsTable implements ProcessTable {
  readonly #isMac = process.platform === "darwin";

  bootId(): string {
    return this.#isMac ? run("sysctl", "-n", "kern.bootsessionuuid").trim() : "";
  }

  all(): ProcessInfo[] {
    return run("ps", "-A", "-o", columns).split("\n").flatMap(parseLine);
  }

  find(pid: number): ProcessInfo | null {
    return run("ps", "-p", String(pid), "-o", columns).split("\n").flatMap(parseLine)[0] ?? null;
  }

  isStill(): boolean {
    return true;
  }

  hasVariable(pid: number, name: string, value: string): boolean {
    const showEnvironment = this.#isMac ? "-Eww" : "eww";
    const command = run("ps", showEnvironment, "-p", String(pid), "-o", "command=");
    return command.trim().split(/\s+/).includes(`${name}=${value}`);
  }

  residentBytes(pid: number): number {
    return this.memoryBytes(pid);
  }

  memoryBytes(pid: number): number {
    return Number(run("ps", "-p", String(pid), "-o", "rss=").trim()) * 1024;
  }
}
