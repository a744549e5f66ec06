import { useEffect, useRef, useState } from "react";
import { whenPageIsUp } from "./idle.ts";

interface Late {
  /** Nobody waits before this is over; by default while the page comes up. Stays the same. */
  after?: () => Promise<unknown>;
  /** It is wanted and could not be had; the next wish tries again. */
  onFailed?: () => void;
}

/** What is fetched as soon as it is `wanted`, otherwise later; null until it is there. `load` stays the same. */
export function useLate<Value>(
  wanted: boolean,
  load: () => Promise<Value>,
  { after = whenPageIsUp, onFailed }: Late = {},
): Value | null {
  const [loaded, setLoaded] = useState<Value | null>(null);
  const failed = useRef(onFailed);
  failed.current = onFailed;
  useEffect(() => {
    let current = true;
    const bring = async () => {
      if (!wanted) await after();
      const value = await load();
      if (current) setLoaded(() => value);
    };
    bring().catch(() => current && wanted && failed.current?.());
    return () => {
      current = false;
    };
  }, [wanted, load, after]);
  return loaded;
}
