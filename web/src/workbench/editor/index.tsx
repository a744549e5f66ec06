"use client";

import { useState } from "react";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { Loaded, part } from "../loaded-part.tsx";
import { askFileEarly } from "./early-file.ts";

/** Monaco is by far the largest thing on the page: nothing waits for it but this pane. */
const area = part(() => import("./editor-area.tsx").then((module) => module.EditorArea));
if (typeof window !== "undefined") area.load().catch(() => undefined);

/** What the workbench shows in the landmark "Editor", which its frame draws. */
export function EditorArea({ sessionId }: { sessionId: string }) {
  const { id: userId } = useCurrentUser();
  useState(() => askFileEarly(userId, sessionId));
  return <Loaded part={area} label="Editor" sessionId={sessionId} />;
}
