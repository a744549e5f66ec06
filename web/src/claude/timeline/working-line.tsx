"use client";

import { useEffect, useState } from "react";
import { formatDuration } from "../model/tool-text.ts";

/** Says that Claude is at work, and for how long: a still page must not look like a dead one. */
export function WorkingLine({ startedAt, label }: { startedAt: string | null; label: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const elapsed = startedAt === null ? 0 : now - Date.parse(startedAt);
  return (
    // Not announced: it changes every second.
    <p aria-live="off" className="my-2 flex items-center gap-2 text-[12.5px] text-muted-foreground">
      <span aria-hidden className="claude-shimmer inline-block size-2 rounded-full bg-clay" />
      <span className="claude-shimmer text-foreground">{label}</span>
      {elapsed > 2000 && <span className="text-[11px]">{formatDuration(elapsed)}</span>}
    </p>
  );
}
