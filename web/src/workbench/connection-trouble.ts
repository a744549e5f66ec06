import type { Connection } from "../lib/live.ts";

/** What keeps the page from its session: an update, no server, or a server that has no agent yet. */
export type Trouble = "outdated" | "lost" | "agent-missing";

export function troubleOf({ status, attempt }: Connection, agentMissing: boolean): Trouble | null {
  if (status === "outdated") return "outdated";
  if (status === "reconnecting" || (status === "connecting" && attempt > 1)) return "lost";
  return status === "connected" && agentMissing ? "agent-missing" : null;
}

/** Most interruptions are over before anyone could read about them. */
const bearableMs = 1500;

/** How long a trouble may last before the person is told; an update needs them, so at once. */
export function silenceMs(trouble: Trouble): number {
  return trouble === "outdated" ? 0 : bearableMs;
}
