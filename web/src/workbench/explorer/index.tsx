"use client";

import { PaneSkeleton } from "../pane-skeleton.tsx";

/** What the workbench shows in the landmark "Explorer", which its frame draws. */
export function Explorer(_: { sessionId: string }) {
  return <PaneSkeleton label="Explorer" />;
}
