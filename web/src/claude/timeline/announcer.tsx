"use client";

import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import type { PermissionQuestion, TimelineItem } from "../model/items.ts";
import { lastSaid, saidSince } from "../model/said-since.ts";
import { usePane } from "../pane-context.tsx";
import { askSentence } from "../permission/permission-question-card.tsx";

type Notify = (text: string, options?: { priority: "normal" | "high" }) => void;

/** The browser's own way to speak to screen readers, where it has one: then nothing need be written into the page. */
function notifier(): Notify | null {
  const { ariaNotify } = document as Document & { ariaNotify?: Notify };
  return ariaNotify === undefined ? null : ariaNotify.bind(document);
}

/** Says a sentence each time it is another one; null and what is there at first are not said. */
function useSaid(sentence: string | null, priority: "normal" | "high"): string {
  const before = useRef(sentence);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (sentence === before.current) return;
    before.current = sentence;
    const notify = notifier();
    if (notify === null) setSaid(sentence ?? "");
    else if (sentence !== null) notify(sentence, { priority });
  }, [sentence, priority]);
  return said;
}

/** The newest that Claude has finished saying; null for what was there when one came. */
function useNewest(items: readonly TimelineItem[]): string | null {
  const last = lastSaid(items);
  const before = useRef(last);
  const [newest, setNewest] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at when another message is the last finished one
  useEffect(() => {
    if (before.current === last) return;
    const text = saidSince(items, before.current);
    before.current = last;
    if (text !== null) setNewest(text);
  }, [last]);
  return newest;
}

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
  const [first] = pending;
  const said = useSaid(useNewest(items), "normal");
  const asked = useSaid(first === undefined ? null : `Claude asks: ${askSentence(first, cwd)}`, "high");
  return createPortal(
    <div className="sr-only">
      <p aria-live="polite">{said}</p>
      <p aria-live="assertive">{asked}</p>
    </div>,
    document.body,
  );
}
