import type { Session, SessionState } from "@remote-claude/protocol";
import { BellIcon, LoaderCircleIcon } from "lucide-react";
import { Badge, type BadgeTone } from "../components/ui/badge.tsx";

const states: Record<SessionState, { label: string; tone: BadgeTone; busy?: boolean }> = {
  creating: { label: "Creating", tone: "info", busy: true },
  starting: { label: "Starting", tone: "info", busy: true },
  running: { label: "Running", tone: "success" },
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

/** Says that Claude waits for an answer in this session. */
export function WaitingBadge({ session }: { session: Session }) {
  if (!session.waiting) return null;
  return (
    <Badge tone="clay">
      <BellIcon aria-hidden />
      Needs your answer
    </Badge>
  );
}
