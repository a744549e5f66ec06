import type { NextStop, OrganisationSettings, SessionState, Template } from "@remote-claude/protocol";

const minuteMs = 60_000;
/** People are told so long before, or after half of a shorter time. */
const longestWarningMs = 5 * minuteMs;

/** What ends a session by itself. */
export interface SessionLimits {
  readonly idle: { readonly afterMs: number; readonly action: NextStop["action"] } | null;
  readonly maxDurationMs: number | null;
}

/** The template's limit and the organisation's, whichever is shorter. A template alone says that sessions are paused. */
export function limitsOf(template: Template | undefined, settings: OrganisationSettings): SessionLimits {
  const { action = "none", afterMinutes = 0 } = template?.idle ?? {};
  const minutes = [...(action === "none" ? [] : [afterMinutes]), settings.idleTimeoutMinutes ?? []].flat();
  const { maxDurationMinutes } = settings;
  return {
    idle:
      minutes.length === 0
        ? null
        : { afterMs: Math.min(...minutes) * minuteMs, action: action === "pause" ? "pause" : "stop" },
    maxDurationMs: maxDurationMinutes === null ? null : maxDurationMinutes * minuteMs,
  };
}

/** What the deadlines are counted from. */
export interface LimitedSession {
  readonly state: SessionState;
  readonly lastActiveAt: Date;
  /** null: from before the product noted it; counts as just started. */
  readonly startedAt: Date | null;
}

/** When a limit ends the session if nothing happens until then, and from when on people are told. */
export interface Deadline {
  readonly at: number;
  readonly warnsAt: number;
  readonly warningMs: number;
  readonly reason: NextStop["reason"];
  readonly action: NextStop["action"];
}

/** The next of a session's deadlines. A paused one is idle by choice: only its longest run counts. */
export function deadlineOf(
  { state, lastActiveAt, startedAt }: LimitedSession,
  limits: SessionLimits,
): Deadline | null {
  const deadlines: Deadline[] = [];
  if (limits.maxDurationMs !== null && startedAt !== null) {
    deadlines.push(deadline(startedAt, limits.maxDurationMs, "max-duration", "stop"));
  }
  if (limits.idle !== null && state === "running") {
    deadlines.push(deadline(lastActiveAt, limits.idle.afterMs, "idle", limits.idle.action));
  }
  return deadlines.sort((a, b) => a.at - b.at)[0] ?? null;
}

function deadline(
  from: Date,
  afterMs: number,
  reason: Deadline["reason"],
  action: Deadline["action"],
): Deadline {
  const at = from.getTime() + afterMs;
  const warningMs = Math.min(longestWarningMs, afterMs / 2);
  return { at, warnsAt: at - warningMs, warningMs, reason, action };
}

/** "90 minutes", "2 hours", "3 days". */
export function lengthInWords(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / minuteMs));
  const [count, unit] =
    minutes % 1440 === 0
      ? [minutes / 1440, "day"]
      : minutes % 60 === 0
        ? [minutes / 60, "hour"]
        : [minutes, "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
