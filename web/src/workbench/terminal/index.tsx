"use client";

import { PaneSkeleton } from "../pane-skeleton.tsx";

/** What the workbench shows in the landmark "Terminal", which its frame draws. */
export function TerminalPanel(_: { sessionId: string }) {
  return <PaneSkeleton label="Terminal" />;
}
