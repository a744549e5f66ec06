import { useEffect, useRef, useState } from "react";

/**
 * What is fetched when `after` has passed, or as soon as it is `wanted`; null until it is there. `load` and `after` stay
 * the same. Not to be had when it is wanted, `onFailed` is called; the next wish tries again.
 */
export function useLate<Value>(
  wanted: boolean,
  load: () => Promise<Value>,
  after: () => Promise<unknown>,
  onFailed: () => void = () => undefined,
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
    bring().catch(() => current && wanted && failed.current());
    return () => {
      current = false;
    };
  }, [wanted, load, after]);
  return loaded;
}
