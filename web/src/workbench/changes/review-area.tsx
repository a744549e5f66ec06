"use client";

import { useEffect } from "react";
import type { EditorSession } from "../editor/editor-session.ts";
import { Loaded, part } from "../loaded-part.tsx";
import { hideReview, useChangesStore } from "./changes-store.ts";

const view = part(() => import("./review-view.tsx").then((module) => module.ReviewView));

/** The comparison, in front of the files while its tab is. */
export function ReviewArea({ sessionId, editor }: { sessionId: string; editor: EditorSession }) {
  const review = useChangesStore((state) => state.review);
  const shown = useChangesStore((state) => state.shown);
  useEffect(
    // Whoever opens a file, or goes to its tab, wants to see that.
    () => editor.store.subscribe((state, before) => void (state.reveals !== before.reveals && hideReview())),
    [editor],
  );
  if (review === null || !shown) return null;
  // Made anew for each file: it holds nothing of another one.
  return (
    <Loaded
      key={`${review.from} ${review.path}`}
      part={view}
      label="The comparison"
      props={{ sessionId, file: review }}
    />
  );
}
