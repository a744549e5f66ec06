"use client";

import { idle } from "../lib/idle.ts";
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

/** Most of the main thread's work is still to do: editor and terminal come first, then what they leave time for. */
export async function afterEditorAndTerminal(): Promise<void> {
  // A phone shows one pane, which may be the one that waits here.
  if (isPhone()) return;
  const before = [import("./editor/editor-area.tsx"), import("./terminal/index.tsx")];
  await Promise.allSettled(before);
  await idle(500);
}

/** The panes themselves, drawn in the browser only. */
export const slots: Record<Pane, Part> = {
  explorer: part(async () => {
    await afterEditorAndTerminal();
    return (await import("./explorer/index.tsx")).Explorer;
  }),
  editor: part(() => import("./editor/editor-area.tsx").then((module) => module.EditorArea)),
  terminal: part(() => import("./terminal/index.tsx").then((module) => module.TerminalPanel)),
  claude: part(async () => {
    await afterEditorAndTerminal();
    return (await import("../claude/index.tsx")).ClaudePane;
  }),
};

/** Starts all downloads at once; otherwise each would wait until its pane is drawn for the first time. */
export function preloadSlots(): void {
  const order: readonly Pane[] = ["editor", "terminal", "explorer", "claude"];
  // A phone begins with the last of them.
  for (const pane of isPhone() ? order.toReversed() : order) slots[pane].load().catch(() => undefined);
}
