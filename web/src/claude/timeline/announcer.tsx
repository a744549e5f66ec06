"use client";

import { useEffect, useRef, useState } from "react";
import type { PermissionQuestion, TimelineItem } from "../model/items.ts";
import { lastSaid, saidSince } from "../model/said-since.ts";
import { usePane } from "../pane-context.tsx";
import { askSentence } from "../permission/permission-question-card.tsx";

/**
 * Tells screen readers what is new: each message once it is finished, and each question. Not the timeline itself,
 * where words come one by one and rows come and go as one scrolls.
 */
export function Announcer({
  items,
  pending,
}: {
  items: readonly TimelineItem[];
  pending: readonly PermissionQuestion[];
}) {
  const { cwd } = usePane();
  const [said, setSaid] = useState("");
  const last = lastSaid(items);
  const before = useRef(last);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at when another message is the last finished one
  useEffect(() => {
    if (before.current === last) return;
    const text = saidSince(items, before.current);
    before.current = last;
    if (text !== null) setSaid(text);
  }, [last]);
  const [first] = pending;
  return (
    <>
      <p aria-live="polite" className="sr-only">
        {said}
      </p>
      <p aria-live="assertive" className="sr-only">
        {first !== undefined && `Claude asks: ${askSentence(first, cwd)}`}
      </p>
    </>
  );
}
