import { useSyncExternalStore } from "react";

/** Below this width one pane is shown at a time. */
const query = "(max-width: 767px)";

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia(query);
  media.addEventListener("change", listener);
  return () => media.removeEventListener("change", listener);
}

/** Whether the window is narrow now. Only in the browser. */
export const isPhone = () => window.matchMedia(query).matches;

/** Whether the window is narrow; null while the server draws, which cannot know. */
export function useIsPhone(): boolean | null {
  return useSyncExternalStore<boolean | null>(subscribe, isPhone, () => null);
}
