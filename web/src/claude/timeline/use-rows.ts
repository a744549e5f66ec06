"use client";

import {
  defaultRangeExtractor,
  elementScroll,
  type Range,
  useVirtualizer,
  type Virtualizer,
} from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useMemo, useRef } from "react";
import type { TimelineItem } from "../model/items.ts";
import { scrollByPage, slackPx } from "./use-scroll.ts";

/** Room above the first row, where the mark for loading stands. */
const topPx = 44;

/** A guess, until the row has been drawn: near enough that the scroll bar hardly moves. */
function estimate(item: TimelineItem | undefined): number {
  switch (item?.kind) {
    case "text":
      return 24 + Math.ceil(item.text.length / 60) * 22;
    case "prompt":
      return 62 + Math.ceil(Math.min(item.text.length, 1500) / 60) * 22;
    case "tool":
      return item.call.state === "asking" ? 220 : 42;
    case "turn-failure":
      return 110;
    default:
      return 30;
  }
}

const scroll: typeof elementScroll = (offset, options, instance) => {
  const move = () => elementScroll(offset, options, instance);
  if (instance.scrollElement === null) move();
  else scrollByPage(instance.scrollElement, move);
};

/** Whether a question for permission waits somewhere in the item. */
export function asks(item: TimelineItem): boolean {
  return item.kind === "tool" && (item.call.state === "asking" || item.call.children.some(asks));
}

/** The row that the keyboard is in, by its key. */
function useFocusedRow(scroller: RefObject<HTMLElement | null>): RefObject<string | null> {
  const focused = useRef<string | null>(null);
  useEffect(() => {
    const note = () => {
      const active = document.activeElement;
      const within = scroller.current?.contains(active) ?? false;
      focused.current = within ? (active?.closest<HTMLElement>("[data-row]")?.dataset.row ?? null) : null;
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, [scroller]);
  return focused;
}

/**
 * The rows that are drawn of a timeline: those on the screen and a few around them, those with an open question (it
 * must stay answerable by its keys, with what was written into it), and the one that has the focus. What is being
 * read stays where it is when rows come before it or change their height.
 */
export function useRows(
  items: readonly TimelineItem[],
  scroller: RefObject<HTMLDivElement | null>,
  asking: boolean,
): Virtualizer<HTMLDivElement, HTMLDivElement> {
  const focused = useFocusedRow(scroller);
  const open = useMemo(
    () => (asking ? items.flatMap((item, index) => (asks(item) ? [index] : [])) : []),
    [items, asking],
  );
  const rangeExtractor = useCallback(
    (range: Range) => {
      const shown = new Set(defaultRangeExtractor(range));
      for (const index of open) shown.add(index);
      const at = focused.current;
      if (at !== null) {
        const index = items.findIndex(({ key }) => key === at);
        if (index >= 0) shown.add(index);
      }
      return [...shown].sort((a, b) => a - b);
    },
    [open, items, focused],
  );
  return useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: items.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => items[index]?.key ?? index,
    estimateSize: (index) => estimate(items[index]),
    paddingStart: topPx,
    overscan: 6,
    rangeExtractor,
    scrollToFn: scroll,
    anchorTo: "end",
    scrollEndThreshold: slackPx,
    // The first drawing is of the end, not of the beginning that nobody asked for.
    initialRect: { width: 400, height: 900 },
    initialOffset: () => items.reduce((sum, item) => sum + estimate(item), topPx),
  });
}
