"use client";

import { LoaderCircleIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../components/ui/button.tsx";
import { useConnection } from "../lib/hooks.ts";
import { live } from "../lib/live.ts";
import { silenceMs, type Trouble, troubleOf } from "./connection-trouble.ts";

/** Whether something has lasted for so long without a break. */
function useLasted(present: boolean, ms: number): boolean {
  const [lasted, setLasted] = useState(false);
  useEffect(() => {
    if (!present) return;
    const timer = setTimeout(() => setLasted(true), ms);
    return () => {
      clearTimeout(timer);
      setLasted(false);
    };
  }, [present, ms]);
  return present && lasted;
}

function Text({ trouble, refusal }: { trouble: Trouble; refusal: string | null }) {
  if (trouble === "outdated") {
    return (
      <>
        Remote Claude has been updated.
        <Button size="sm" className="h-6" onClick={() => window.location.reload()}>
          Reload
        </Button>
      </>
    );
  }
  return (
    <>
      <LoaderCircleIcon className="size-3.5 animate-spin" aria-hidden />
      {trouble === "lost"
        ? (refusal ?? "The connection is lost; reconnecting. Nothing is lost meanwhile.")
        : "Reaching the session…"}
      {trouble === "lost" && (
        <Button size="sm" className="h-6" onClick={() => live.reconnectNow()}>
          Try now
        </Button>
      )}
    </>
  );
}

/**
 * Says when the page has lost the server, or the server the session, and that nothing is lost by it. Until then it
 * takes no space, or every short drop would move the panes; it is there all the same, so that screen readers
 * announce what comes into it.
 */
export function ConnectionBanner({ agentMissing }: { agentMissing: boolean }) {
  const connection = useConnection();
  const trouble = troubleOf(connection, agentMissing);
  const shown = useLasted(trouble !== null, trouble === null ? 0 : silenceMs(trouble));
  return (
    <div role="status" className="shrink-0">
      {shown && trouble !== null && (
        <div className="flex items-center justify-center gap-2 border-b bg-warning-soft px-3 py-1 text-warning text-xs">
          <Text trouble={trouble} refusal={connection.refusal} />
        </div>
      )}
    </div>
  );
}
