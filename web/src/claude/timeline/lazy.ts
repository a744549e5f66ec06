import { useSyncExternalStore } from "react";

/**
 * A part of the page that comes when it is first needed. `useLibrary(false)` does not ask for it; until it is there,
 * and where it cannot be had, the answer is null.
 */
export function lazyLibrary<T>(load: () => Promise<T>): (needed: boolean) => T | null {
  let library: T | null = null;
  let loading = false;
  const listeners = new Set<() => void>();
  const start = () => {
    if (loading) return;
    loading = true;
    load().then(
      (loaded) => {
        library = loaded;
        for (const listener of listeners) listener();
      },
      () => {
        // The network may be back for the next one that needs it.
        loading = false;
      },
    );
  };
  const wait = (listener: () => void) => {
    listeners.add(listener);
    start();
    return () => listeners.delete(listener);
  };
  const ignore = () => () => undefined;
  return (needed) =>
    useSyncExternalStore(
      needed && library === null ? wait : ignore,
      () => (needed ? library : null),
      () => null,
    );
}
