"use client";

import { LoaderCircleIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../components/ui/button.tsx";
import { useConnection } from "../lib/hooks.ts";
import { live } from "../lib/live.ts";
import { cn } from "../lib/utils.ts";

/** Comes after a moment: most interruptions are over before anyone could read about them. */
function Banner({ children, urgent = false }: { children: ReactNode; urgent?: boolean }) {
  return (
    <div
      role="status"
      className={cn(
        "flex shrink-0 items-center justify-center gap-2 border-b bg-warning-soft px-3 py-1 text-warning text-xs",
        !urgent && "fade-in-0 animate-in fill-mode-both delay-1000",
      )}
    >
      {children}
    </div>
  );
}

/** Says when the page has lost the server, or the server the session, and that nothing is lost by it. */
export function ConnectionBanner({ agentMissing }: { agentMissing: boolean }) {
  const { status, attempt } = useConnection();
  if (status === "outdated") {
    return (
      <Banner urgent>
        Remote Claude has been updated.
        <Button size="sm" className="h-6" onClick={() => window.location.reload()}>
          Reload
        </Button>
      </Banner>
    );
  }
  if (status === "reconnecting" || (status === "connecting" && attempt > 1)) {
    return (
      <Banner>
        <LoaderCircleIcon className="size-3.5 animate-spin" aria-hidden />
        The connection is lost; reconnecting. Nothing is lost meanwhile.
        <Button size="sm" className="h-6" onClick={() => live.reconnectNow()}>
          Try now
        </Button>
      </Banner>
    );
  }
  if (status === "connected" && agentMissing) {
    return (
      <Banner>
        <LoaderCircleIcon className="size-3.5 animate-spin" aria-hidden />
        Reaching the session…
      </Banner>
    );
  }
  return null;
}
