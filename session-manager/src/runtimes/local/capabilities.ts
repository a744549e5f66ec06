import type { ManagerCapabilities } from "@remote-claude/protocol";
import type { Fence } from "./fence.ts";
import type { LocalIsolation } from "./isolation.ts";

/** What may be promised of places that are started now: neither more nor less than what holds on this machine. */
export function localCapabilities(isolation: LocalIsolation, fence: Fence | null): ManagerCapabilities {
  const countsProcesses = isolation.kind === "bubblewrap" && isolation.sandbox.limitProcesses;
  return {
    runtime: "local",
    isolation: isolation.kind,
    isolationMessage: isolation.kind === "none" ? isolation.message : null,
    limits: {
      memory: fence === null ? "watched" : "enforced",
      cpus: fence === null ? "none" : "enforced",
      pids: fence !== null || countsProcesses ? "enforced" : "none",
      // A single file cannot grow beyond the limit; all of them together can.
      disk: "none",
    },
  };
}
