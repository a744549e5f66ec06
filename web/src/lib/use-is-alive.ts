import { useSyncExternalStore } from "react";

const never = () => () => undefined;

/**
 * Whether this page's scripts run yet. Until then a press does nothing of ours and the browser does what a form says by
 * itself, which would put a password into the address: what sends one stays disabled.
 */
export function useIsAlive(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
