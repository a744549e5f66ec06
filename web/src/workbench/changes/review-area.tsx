"use client";

import { useEffect } from "react";
import { toast } from "../../lib/toast.ts";
import { useLate } from "../../lib/use-late.ts";
import type { EditorSession } from "../editor/editor-session.ts";
import { PaneSkeleton } from "../pane-skeleton.tsx";
import { hideReview, useChangesStore } from "./changes-store.ts";

const loadView = () => import("./review-view.tsx").then(({ ReviewView }) => ReviewView);

/** The comparison, in front of the files while its tab is. */
export function ReviewArea({ sessionId, editor }: { sessionId: string; editor: EditorSession }) {
  const review = useChangesStore((state) => state.review);
  const shown = useChangesStore((state) => state.shown) && review !== null;
  useEffect(
    // Whoever opens a file, or goes to its tab, wants to see that.
    () => editor.store.subscribe((state, before) => void (state.reveals !== before.reveals && hideReview())),
    [editor],
  );
  const ReviewView = useLate(shown, loadView, {
    onFailed: () => {
      hideReview();
      toast.error("The comparison could not be loaded. Check your connection.");
    },
  });
  if (!shown) return null;
  if (ReviewView === null) {
    return (
      <div className="absolute inset-0 z-20 bg-background">
        <PaneSkeleton label="The comparison" />
      </div>
    );
  }
  // Made anew for each file: it holds nothing of another one.
  return <ReviewView key={`${review.from} ${review.path}`} sessionId={sessionId} file={review} />;
}
