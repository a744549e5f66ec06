"use client";

import { HandIcon } from "lucide-react";
import { memo, useEffect, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import type { PermissionQuestion } from "../model/items.ts";
import { usePane } from "../pane-context.tsx";
import { askSentence } from "./permission-question-card.tsx";

/** Whether the question's own card is out of sight. */
function useOutOfSight(requestId: string): boolean {
  const [away, setAway] = useState(false);
  useEffect(() => {
    const card = document.getElementById(`question-${requestId}`);
    if (card === null) {
      setAway(true);
      return;
    }
    const observer = new IntersectionObserver(([entry]) => setAway(entry?.isIntersecting === false));
    observer.observe(card);
    return () => observer.disconnect();
  }, [requestId]);
  return away;
}

/** Above the text box: the first open question while its card is scrolled away. */
export const PendingBar = memo(function PendingBar({
  pending,
  onShow,
}: {
  pending: readonly PermissionQuestion[];
  onShow(requestId: string): void;
}) {
  const [first] = pending;
  return first === undefined ? null : (
    <Bar key={first.requestId} first={first} count={pending.length} onShow={onShow} />
  );
});

function Bar({
  first,
  count,
  onShow,
}: {
  first: PermissionQuestion;
  count: number;
  onShow(requestId: string): void;
}) {
  const { cwd } = usePane();
  if (!useOutOfSight(first.requestId)) return null;
  return (
    <div className="mx-3 mb-2 flex items-center gap-2 rounded-lg border border-warning/50 bg-warning-soft px-2.5 py-1.5">
      <HandIcon aria-hidden className="size-4 shrink-0 text-warning" />
      <span className="min-w-0 flex-1 truncate">
        {askSentence(first, cwd)}
        {count > 1 && <span className="text-muted-foreground"> and {count - 1} more</span>}
      </span>
      <Button size="sm" onClick={() => onShow(first.requestId)}>
        Review
      </Button>
    </div>
  );
}
