"use client";

import { LoaderCircleIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { retryCause } from "../model/failures.ts";
import type { RetryItem } from "../model/items.ts";

/** Counts down in this browser's own time: the server's clock may be another. */
function useSecondsLeft(item: RetryItem): number {
  const [left, setLeft] = useState(Math.ceil(item.delayMs / 1000));
  useEffect(() => {
    const until = Date.now() + item.delayMs;
    const update = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    update();
    const timer = setInterval(update, 500);
    return () => clearInterval(timer);
  }, [item]);
  return left;
}

/** Claude Code tries again by itself; gone as soon as that works or it gives up. */
export function RetryLine({ item }: { item: RetryItem }) {
  const left = useSecondsLeft(item);
  return (
    <p className="my-2 flex items-center gap-2 rounded-lg border border-warning/30 bg-warning-soft px-3 py-2 text-warning">
      <LoaderCircleIcon aria-hidden className="size-4 shrink-0 animate-spin" />
      {retryCause(item.error, item.status)}, trying again {left > 0 ? `in ${left} s` : "now"} ({item.attempt}/
      {item.maxRetries})
    </p>
  );
}
