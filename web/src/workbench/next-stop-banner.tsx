"use client";

import type { NextStop, Session } from "@remote-claude/protocol";
import { TimerIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../components/ui/button.tsx";
import { formatRemaining } from "../lib/format.ts";
import { useSessionActions } from "../sessions/use-session-actions.ts";

/** The present, every second while it is looked at. */
function useSecond(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

const reasons = {
  idle: "because nobody uses it",
  "max-duration": "because it has run for as long as a session may here",
} as const satisfies Record<NextStop["reason"], string>;

/** What is about to happen, said once: a screen reader must not hear every second of it. */
const announcement = ({ action, reason }: NextStop) =>
  `This session ${action}s in a few minutes ${reasons[reason]}.`;

function Countdown({ session, nextStop }: { session: Session; nextStop: NextStop }) {
  const now = useSecond();
  const actions = useSessionActions(session.id);
  const { at, action, reason } = nextStop;
  const remaining = Date.parse(at) - now;
  const verb = action === "pause" ? "pauses" : "stops";
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-2 gap-y-1 border-b bg-warning-soft px-3 py-1 text-warning text-xs">
      <span aria-hidden className="tabular-nums">
        <TimerIcon className="-mt-0.5 mr-1.5 inline size-3.5" />
        {remaining > 0
          ? `This session ${verb} in ${formatRemaining(remaining)} ${reasons[reason]}.`
          : `This session ${verb} now.`}
      </span>
      {reason === "idle" && session.abilities.includes("session.use") && (
        <Button
          size="sm"
          className="h-6 max-md:h-8"
          disabled={actions.busy}
          onClick={() => void actions.keep()}
        >
          Keep it running
        </Button>
      )}
    </div>
  );
}

/** Says that a limit is about to stop or pause the session, and lets people put off what can be put off. */
export function NextStopBanner({ session }: { session: Session }) {
  const { nextStop } = session;
  return (
    <div className="shrink-0">
      <p role="status" className="sr-only">
        {nextStop === null ? "" : announcement(nextStop)}
      </p>
      {nextStop !== null && <Countdown key={nextStop.at} session={session} nextStop={nextStop} />}
    </div>
  );
}
