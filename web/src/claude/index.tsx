"use client";

import { PaneSkeleton } from "../workbench/pane-skeleton.tsx";

/** What the workbench shows in the landmark "Claude", which its frame draws. */
export function ClaudePane(_: { sessionId: string }) {
  return <PaneSkeleton label="Claude" />;
}
