import type { Session, SessionState } from "@remote-claude/protocol";
import { BellIcon, LoaderCircleIcon, TimerIcon } from "lucide-react";
import { Badge, type BadgeTone } from "../components/ui/badge.tsx";
import { formatRemaining } from "../lib/format.ts";

const states: Record<SessionState, { label: string; tone: BadgeTone; busy?: boolean }> = {
  creating: { label: "Creating", tone: "info", busy: true },
  starting: { label: "Starting", tone: "info", busy: true },
  running: { label: "Running", tone: "success" },
  paused: { label: "Paused", tone: "info" },
  stopping: { label: "Stopping", tone: "neutral", busy: true },
  stopped: { label: "Stopped", tone: "neutral" },
  failed: { label: "Failed", tone: "destructive" },
  deleting: { label: "Deleting", tone: "neutral", busy: true },
};

/** A session's state as a word and a colour. */
export function StateBadge({ state }: { state: SessionState }) {
  const { label, tone, busy } = states[state];
  return (
    <Badge tone={tone}>
      {busy ? (
        <LoaderCircleIcon className="animate-spin" aria-hidden />
      ) : (
        <span aria-hidden className="size-1.5 rounded-full bg-current" />
      )}
      {label}
    </Badge>
  );
}

/** Says that a limit is about to stop or pause the session. */
export function NextStopBadge({ session, now }: { session: Session; now: number }) {
  if (session.nextStop === null) return null;
  const { at, action } = session.nextStop;
  return (
    <Badge tone="warning">
      <TimerIcon aria-hidden />
      {action === "pause" ? "Pauses" : "Stops"} in {formatRemaining(Date.parse(at) - now)}
    </Badge>
  );
}

/** Says that Claude waits for an answer in this session; `short`, on a phone, by its bell alone. */
export function WaitingBadge({ session, short = false }: { session: Session; short?: boolean }) {
  if (!session.waiting) return null;
  return (
    <Badge tone="clay">
      <BellIcon aria-hidden />
      <span className={short ? "max-sm:sr-only" : undefined}>Needs your answer</span>
    </Badge>
  );
}
