import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useRef } from "react";
import type { Row } from "./tree-model.ts";
import type { ExplorerModel } from "./use-explorer.ts";

const indexOf = (rows: readonly Row[], path: string) =>
  rows.findIndex((row) => row.kind === "entry" && row.path === path);

/** Which lines are drawn, and how others come into view. */
export function useTreeScroll(
  { scrollTo, draft, renaming }: ExplorerModel,
  rows: readonly Row[],
  rowHeight: number,
  scroller: RefObject<HTMLDivElement | null>,
) {
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    // Room below for a click that means the workspace itself.
    paddingEnd: rowHeight,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
  });
  const show = useCallback(
    (path: string) => {
      const index = indexOf(rows, path);
      if (index >= 0) virtual.scrollToIndex(index, { align: "auto" });
    },
    [rows, virtual],
  );
  const shown = useRef(0);
  useEffect(() => {
    // Once the line is there: the listing may come after the wish.
    if (scrollTo === null || shown.current === scrollTo.count || indexOf(rows, scrollTo.path) < 0) return;
    shown.current = scrollTo.count;
    show(scrollTo.path);
  }, [scrollTo, rows, show]);
  useEffect(() => {
    const index = rows.findIndex((row) => row.kind === "draft");
    if (index >= 0) virtual.scrollToIndex(index, { align: "auto" });
  }, [rows, virtual]);
  // Typing a name took the focus out of the tree: it comes back.
  const naming = draft !== null || renaming !== null;
  const wasNaming = useRef(false);
  useEffect(() => {
    if (wasNaming.current && !naming && document.activeElement === document.body) scroller.current?.focus();
    wasNaming.current = naming;
  }, [naming, scroller]);
  const pageSize = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
  return { virtual, view: { show, pageSize } };
}
