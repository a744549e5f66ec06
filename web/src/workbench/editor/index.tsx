"use client";

import { PaneSkeleton } from "../pane-skeleton.tsx";

/** What the workbench shows in the landmark "Editor", which its frame draws. */
export function EditorArea(_: { sessionId: string }) {
  return <PaneSkeleton label="Editor" />;
}
