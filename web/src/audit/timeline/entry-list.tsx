"use client";

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { cn } from "../../lib/utils.ts";
import type { Entry } from "../model/entry.ts";
import { type ListRow, withDays } from "../model/rows.ts";
import { columnsClass, EntryRow } from "./entry-row.tsx";

const dayPx = 30;
const widePx = 34;
const narrowPx = 58;
/** Narrower than that, an entry takes two lines. */
const narrowBelowPx = 720;
/** So near the last row, older ones are asked for. */
const nearEnd = 25;

/** How wide the element is, and where it begins on the page. */
function usePlace(element: RefObject<HTMLElement | null>): { width: number; top: number } {
  const [place, setPlace] = useState({ width: 1000, top: 0 });
  useLayoutEffect(() => {
    const node = element.current;
    if (node === null) return;
    const measure = () => {
      const { width, top } = node.getBoundingClientRect();
      const next = { width: Math.round(width), top: Math.round(top + window.scrollY) };
      setPlace((last) => (last.width === next.width && last.top === next.top ? last : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    // What stands above the list may grow and shrink.
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [element]);
  return place;
}

/** Keeps what is being read where it is when rows come before it. */
function useSteadyTop(rows: readonly ListRow<Entry>[], sizeOf: (row: ListRow<Entry>) => number, top: number) {
  const before = useRef<{ key: string; offset: number } | null>(null);
  useLayoutEffect(() => {
    const offsetOf = (key: string): number | null => {
      let offset = 0;
      for (const row of rows) {
        if (row.key === key) return offset;
        offset += sizeOf(row);
      }
      return null;
    };
    const last = before.current;
    const now = last === null ? null : offsetOf(last.key);
    if (last !== null && now !== null && now > last.offset && window.scrollY > top) {
      window.scrollBy({ top: now - last.offset, behavior: "instant" });
    }
    const first = rows.find(({ kind }) => kind === "entry");
    before.current = first === undefined ? null : { key: first.key, offset: offsetOf(first.key) ?? 0 };
  }, [rows, sizeOf, top]);
}

function Head() {
  return (
    <div
      aria-hidden
      className={cn(
        columnsClass,
        "h-7 border-b bg-background px-3 font-medium text-[11px] text-muted-foreground",
      )}
    >
      <span>Time</span>
      <span>Who</span>
      <span>What</span>
      <span>Session</span>
      <span>From</span>
      <span>Result</span>
    </div>
  );
}

export interface EntryListProps {
  readonly entries: readonly Entry[];
  readonly now: number;
  readonly more: boolean;
  readonly loadingMore: boolean;
  onMore(): void;
  readonly openId: string | null;
  onOpen(id: string): void;
}

/** The entries, newest first, of which only those on the screen are drawn; older ones come as one goes down. */
export function EntryList({ entries, now, more, loadingMore, onMore, openId, onOpen }: EntryListProps) {
  const element = useRef<HTMLUListElement>(null);
  const { width, top } = usePlace(element);
  const narrow = width < narrowBelowPx;
  const rows = useMemo(() => withDays(entries, now), [entries, now]);
  const sizeOf = useMemo(
    () => (row: ListRow<Entry> | undefined) => (row?.kind === "day" ? dayPx : narrow ? narrowPx : widePx),
    [narrow],
  );
  const virtual = useWindowVirtualizer<HTMLLIElement>({
    count: rows.length,
    estimateSize: (index) => sizeOf(rows[index]),
    getItemKey: (index) => rows[index]?.key ?? index,
    scrollMargin: top,
    scrollPaddingStart: 120,
    scrollPaddingEnd: 60,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are no longer what they were
  useEffect(() => virtual.measure(), [narrow]);
  useSteadyTop(rows, sizeOf, top);
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && !loadingMore && last >= rows.length - nearEnd) onMore();
  }, [more, loadingMore, last, rows.length, onMore]);
  useShowOpen(rows, openId, (index) => virtual.scrollToIndex(index, { align: "auto" }));
  return (
    <>
      {!narrow && <Head />}
      <ul
        ref={element}
        aria-label="Entries"
        className="relative w-full [overflow-anchor:none]"
        style={{ height: virtual.getTotalSize() }}
      >
        {drawn.map(({ index, start, size }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <li
              key={row.key}
              className="absolute inset-x-0"
              style={{ top: start - virtual.options.scrollMargin, height: size }}
            >
              {row.kind === "day" ? (
                <h3 className="flex h-full items-center bg-muted/60 px-3 font-semibold text-[11px] text-muted-foreground">
                  {row.title}
                </h3>
              ) : (
                <EntryRow entry={row.entry} narrow={narrow} open={row.key === openId} onOpen={onOpen} />
              )}
            </li>
          );
        })}
      </ul>
      <p role="status" className="py-4 text-center text-muted-foreground text-xs">
        {loadingMore ? "Loading older entries…" : more ? "" : "That is all there is."}
      </p>
    </>
  );
}

/** Brings the entry that is open into sight when another one is. */
function useShowOpen(rows: readonly ListRow<Entry>[], openId: string | null, show: (index: number) => void) {
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (openId === shown.current) return;
    const index = rows.findIndex(({ key }) => key === openId);
    if (openId !== null && index < 0) return;
    shown.current = openId;
    if (openId !== null) show(index);
  }, [rows, openId, show]);
}
