import * as z from "zod";

/**
 * The life of a session. `creating` prepares the workspace (clone, archive) on a started place; `paused` is frozen
 * with its programs in memory, and goes on where it was; `failed` says why in the row and can be resumed or deleted.
 */
export const SessionState = z.enum([
  "creating",
  "starting",
  "running",
  "paused",
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
  running: ["paused", "stopping", "failed", "deleting"],
  paused: ["running", "stopping", "failed", "deleting"],
  stopping: ["stopped", "failed", "deleting"],
  stopped: ["starting", "deleting"],
  failed: ["starting", "deleting"],
  deleting: [],
} as const satisfies Record<SessionState, readonly SessionState[]>;

export function canTransition(from: SessionState, to: SessionState): boolean {
  return (sessionTransitions[from] as readonly SessionState[]).includes(to);
}

/** Whether one can ask for it to be started again, or to go on. */
export function isResumable(state: SessionState): boolean {
  return state === "paused" || canTransition(state, "starting");
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
