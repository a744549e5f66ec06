"use client";

import { type Part, part } from "./loaded-part.tsx";
import type { Pane } from "./store.ts";
import { isPhone } from "./use-is-phone.ts";

/** The name of each pane's landmark. */
export const paneNames: Record<Pane, string> = {
  explorer: "Explorer",
  editor: "Editor",
  terminal: "Terminal",
  claude: "Claude",
};

/** Until the main thread has nothing to do; Safari cannot tell, there the tasks that wait now go first. */
const idle = () =>
  new Promise<unknown>((resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(resolve, { timeout: 500 });
    else setTimeout(resolve);
  });

/** Claude's pane is large too, and most of the main thread's work is still to do: editor and terminal come first. */
async function claude() {
  const before = [import("./editor/editor-area.tsx"), import("./terminal/index.tsx")];
  // A phone shows one pane, which may be this.
  if (!isPhone()) {
    await Promise.allSettled(before);
    await idle();
  }
  return (await import("../claude/index.tsx")).ClaudePane;
}

/** The panes themselves, drawn in the browser only. */
export const slots: Record<Pane, Part> = {
  explorer: part(() => import("./explorer/index.tsx").then((module) => module.Explorer)),
  editor: part(() => import("./editor/index.tsx").then((module) => module.EditorArea)),
  terminal: part(() => import("./terminal/index.tsx").then((module) => module.TerminalPanel)),
  claude: part(claude),
};

/** Starts all downloads at once; otherwise each would wait until its pane is drawn for the first time. */
export function preloadSlots(): void {
  for (const pane of ["editor", "terminal", "explorer", "claude"] as const)
    slots[pane].load().catch(() => undefined);
}
