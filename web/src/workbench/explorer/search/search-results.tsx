"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRightIcon } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { cn } from "../../../lib/utils.ts";
import { openFile } from "../../store.ts";
import { FileTypeMark } from "../tree/file-icon.tsx";
import { nameOf, parentOf } from "../tree/paths.ts";
import { useCoarsePointer } from "../use-coarse-pointer.ts";
import { highlight, type SearchGroup, type SearchRow, searchRows } from "./search-groups.ts";

function FileLine({ row }: { row: Extract<SearchRow, { kind: "file" }> }) {
  return (
    <>
      <ChevronRightIcon
        aria-hidden
        className={cn("size-4 shrink-0 text-muted-foreground", row.open && "rotate-90")}
      />
      <FileTypeMark name={nameOf(row.path)} type="file" />
      <span className="ml-0.5 shrink-0">{nameOf(row.path)}</span>
      <span className="min-w-0 truncate text-muted-foreground text-xs">{parentOf(row.path)}</span>
      <span className="ml-auto shrink-0 rounded-full bg-muted px-1.5 text-[11px] text-muted-foreground">
        {row.count}
      </span>
    </>
  );
}

function MatchLine({ row }: { row: Extract<SearchRow, { kind: "match" }> }) {
  const { before, match, after } = highlight(row.match);
  return (
    <span className="truncate pl-7 font-mono text-xs leading-[22px]">
      {before}
      <mark className="rounded-xs bg-clay-soft text-clay">{match}</mark>
      {after}
    </span>
  );
}

function open({ match }: Extract<SearchRow, { kind: "match" }>, preview: boolean): void {
  openFile(match.path, { line: match.line, column: match.column, ...(preview ? { preview } : {}) });
}

/** What was found, by file; only the lines in view are drawn. */
export function SearchResults({ groups }: { groups: readonly SearchGroup[] }) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(0);
  const rows = useMemo(() => searchRows(groups, closed), [groups, closed]);
  const scroller = useRef<HTMLDivElement>(null);
  const coarse = useCoarsePointer();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (coarse ? 34 : 22),
    overscan: 12,
    getItemKey: (index) => rows[index]?.key ?? index,
  });
  const toggle = (path: string, wanted?: boolean) =>
    setClosed((before) => {
      const next = new Set(before);
      if (wanted ?? before.has(path)) next.delete(path);
      else next.add(path);
      return next;
    });
  const use = (index: number, preview: boolean) => {
    const row = rows[index];
    setActive(index);
    if (row?.kind === "file") toggle(row.path);
    else if (row !== undefined) open(row, preview);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[active];
    const steps: Record<string, number> = {
      ArrowDown: Math.min(rows.length - 1, active + 1),
      ArrowUp: Math.max(0, active - 1),
      Home: 0,
      End: rows.length - 1,
    };
    const next = steps[event.key];
    if (next !== undefined) {
      setActive(next);
      virtual.scrollToIndex(next, { align: "auto" });
    } else if (event.key === "Enter" || event.key === " ") use(active, event.key === " ");
    else if (row !== undefined && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      toggle(row.path, event.key === "ArrowRight");
      if (event.key === "ArrowLeft")
        setActive(rows.findIndex((other) => other.kind === "file" && other.path === row.path));
    } else return;
    event.preventDefault();
  };
  return (
    <div
      ref={scroller}
      role="tree"
      aria-label="Search results"
      aria-activedescendant={`explorer-result-${active}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="group/results min-h-0 flex-1 overflow-y-auto overflow-x-hidden outline-none"
    >
      <div role="presentation" className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start, size }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the tree has focus and keys
            <div
              key={key}
              id={`explorer-result-${index}`}
              role="treeitem"
              aria-level={row.kind === "file" ? 1 : 2}
              aria-selected={index === active}
              {...(row.kind === "file" ? { "aria-expanded": row.open } : {})}
              title={row.kind === "file" ? row.path : `Line ${row.match.line}: ${row.match.text.trim()}`}
              onClick={() => use(index, true)}
              onDoubleClick={() => row.kind === "match" && open(row, false)}
              style={{ height: size, transform: `translateY(${start}px)` }}
              className={cn(
                "absolute inset-x-0 top-0 flex cursor-pointer items-center gap-1 px-1 pr-2 hover:bg-hover",
                index === active && "group-focus/results:bg-selected",
              )}
            >
              {row.kind === "file" ? <FileLine row={row} /> : <MatchLine row={row} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}
