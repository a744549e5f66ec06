import { useSyncExternalStore } from "react";

const key = "remote-claude.last-sign-in";
const never = () => () => undefined;

/** Kept in this browser alone, for the button that is offered first next time. */
export function rememberProvider(id: string): void {
  try {
    window.localStorage.setItem(key, id);
  } catch {
    // A browser that keeps nothing: then nothing is offered first.
  }
}

function lastProvider(): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** How somebody signed in last in this browser; null on the server, and where nobody did. */
export function useLastProvider(): string | null {
  return useSyncExternalStore(never, lastProvider, () => null);
}
