"use client";

import { useEffect } from "react";
import type { EditorSession } from "../editor/editor-session.ts";
import { hideReview, useChangesStore } from "./changes-store.ts";
import { ReviewView } from "./review-view.tsx";

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
  return <ReviewView key={`${review.from} ${review.path}`} sessionId={sessionId} file={review} />;
}
