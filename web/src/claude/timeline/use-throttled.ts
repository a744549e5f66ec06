"use client";

import { useEffect, useRef, useState } from "react";

/** The value, at most every `ms` milliseconds a new one; 0: always the newest. */
export function useThrottled<T>(value: T, ms: number): T {
  const [shown, setShown] = useState(value);
  const latest = useRef(value);
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  latest.current = value;
  useEffect(() => {
    if (ms === 0 || waiting.current !== null || Object.is(value, shown)) return;
    waiting.current = setTimeout(() => {
      waiting.current = null;
      setShown(latest.current);
    }, ms);
  }, [value, shown, ms]);
  useEffect(
    () => () => {
      if (waiting.current !== null) clearTimeout(waiting.current);
    },
    [],
  );
  return ms === 0 ? value : shown;
}
