"use client";

import dynamic from "next/dynamic";
import { PaneSkeleton } from "../pane-skeleton.tsx";

/** Monaco is by far the largest thing on the page: nothing waits for it but this pane. */
const area = () => import("./editor-area.tsx");
if (typeof window !== "undefined") area().catch(() => undefined);

/** What the workbench shows in the landmark "Editor", which its frame draws. */
export const EditorArea = dynamic<{ sessionId: string }>(() => area().then((module) => module.EditorArea), {
  ssr: false,
  loading: () => <PaneSkeleton label="Editor" />,
});
