import * as z from "zod";

/**
 * The life of a session. `creating` prepares the workspace (clone, archive) on a started place; `failed` says
 * why in the row and can be resumed or deleted.
 */
export const SessionState = z.enum([
  "creating",
  "starting",
  "running",
  "stopping",
  "stopped",
  "failed",
  "deleting",
]);
export type SessionState = z.infer<typeof SessionState>;

/** From where to where. Anything else is refused, naming the state the session is in. */
export const sessionTransitions = {
  creating: ["running", "failed", "deleting"],
  starting: ["running", "failed", "stopping", "deleting"],
  running: ["stopping", "failed", "deleting"],
  stopping: ["stopped", "failed", "deleting"],
  stopped: ["starting", "deleting"],
  failed: ["starting", "deleting"],
  deleting: [],
} as const satisfies Record<SessionState, readonly SessionState[]>;

export function canTransition(from: SessionState, to: SessionState): boolean {
  return (sessionTransitions[from] as readonly SessionState[]).includes(to);
}

/** Why a session stopped or failed: a closed list, for logs, audit and the page. */
export const StopReason = z.enum([
  "by-user",
  "by-admin",
  "idle",
  "max-duration",
  "clone-failed",
  "archive-failed",
  "start-failed",
  "agent-lost",
  "out-of-memory",
  "disk-full",
  "service-stopped",
]);
export type StopReason = z.infer<typeof StopReason>;
