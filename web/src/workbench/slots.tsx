"use client";

import dynamic from "next/dynamic";
import type { ComponentType } from "react";
import { PaneSkeleton } from "./pane-skeleton.tsx";
import type { Pane } from "./store.ts";

const explorer = () => import("./explorer/index.tsx");
const editor = () => import("./editor/index.tsx");
const terminal = () => import("./terminal/index.tsx");
const claude = () => import("../claude/index.tsx");

type Slot = ComponentType<{ sessionId: string }>;

const loading = (label: string) => () => <PaneSkeleton label={label} />;

/** The name of each pane's landmark. */
export const paneNames: Record<Pane, string> = {
  explorer: "Explorer",
  editor: "Editor",
  terminal: "Terminal",
  claude: "Claude",
};

/** The panes themselves: each a bundle of its own, drawn in the browser only. */
export const slots: Record<Pane, Slot> = {
  explorer: dynamic(() => explorer().then((module) => module.Explorer), {
    ssr: false,
    loading: loading("Explorer"),
  }),
  editor: dynamic(() => editor().then((module) => module.EditorArea), {
    ssr: false,
    loading: loading("Editor"),
  }),
  terminal: dynamic(() => terminal().then((module) => module.TerminalPanel), {
    ssr: false,
    loading: loading("Terminal"),
  }),
  claude: dynamic(() => claude().then((module) => module.ClaudePane), {
    ssr: false,
    loading: loading("Claude"),
  }),
};

/** Starts all downloads at once; otherwise each would wait until its pane is drawn for the first time. */
export function preloadSlots(): void {
  for (const load of [editor, terminal, explorer, claude]) load().catch(() => undefined);
}
