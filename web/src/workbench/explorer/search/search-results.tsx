"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRightIcon } from "lucide-react";
import { type CSSProperties, type KeyboardEvent, useCallback, useMemo, useRef, useState } from "react";
import { cn } from "../../../lib/utils.ts";
import { openFile } from "../../store.ts";
import { FileTypeMark } from "../tree/file-icon.tsx";
import { nameOf, parentOf } from "../tree/paths.ts";
import { useCoarsePointer } from "../use-coarse-pointer.ts";
import { highlight, resultAct, type SearchGroup, type SearchRow, searchRows } from "./search-groups.ts";

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

interface ResultLineProps {
  row: SearchRow;
  id: string;
  active: boolean;
  style: CSSProperties;
  onUse(preview: boolean): void;
}

function ResultLine({ row, id, active, style, onUse }: ResultLineProps) {
  const file = row.kind === "file";
  return (
    // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the tree has focus and keys
    <div
      id={id}
      role="treeitem"
      aria-level={file ? 1 : 2}
      aria-selected={active}
      {...(file ? { "aria-expanded": row.open } : {})}
      title={file ? row.path : `Line ${row.match.line}: ${row.match.text.trim()}`}
      onClick={() => onUse(true)}
      onDoubleClick={() => !file && onUse(false)}
      style={style}
      className={cn(
        "absolute inset-x-0 top-0 flex cursor-pointer items-center gap-1 px-1 pr-2 hover:bg-hover",
        active && "group-focus/results:bg-selected",
      )}
    >
      {file ? <FileLine row={row} /> : <MatchLine row={row} />}
    </div>
  );
}

/** The files whose matches are folded away. */
function useClosedFiles() {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const toggle = (path: string, open?: boolean) =>
    setClosed((before) => {
      const next = new Set(before);
      if (open ?? before.has(path)) next.delete(path);
      else next.add(path);
      return next;
    });
  return [closed, toggle] as const;
}

/** What was found, by file; only the lines in view are drawn. */
export function SearchResults({ groups }: { groups: readonly SearchGroup[] }) {
  const [closed, toggle] = useClosedFiles();
  const [wanted, setActive] = useState(0);
  const rows = useMemo(() => searchRows(groups, closed), [groups, closed]);
  const active = Math.min(wanted, rows.length - 1);
  const scroller = useRef<HTMLDivElement>(null);
  const coarse = useCoarsePointer();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (coarse ? 34 : 22),
    overscan: 12,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
  });
  const show = useCallback((index: number) => virtual.scrollToIndex(index, { align: "auto" }), [virtual]);
  const use = (index: number, preview: boolean) => {
    const row = rows[index];
    setActive(index);
    if (row?.kind === "file") toggle(row.path);
    else if (row !== undefined) open(row, preview);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = resultAct(rows, active, event.key);
    if (act === null) return;
    event.preventDefault();
    if (act.act === "use") use(active, act.preview);
    if (act.act === "set-open") toggle(act.path, act.open);
    if (act.act === "focus" || act.act === "set-open") {
      setActive(act.index);
      show(act.index);
    }
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
            <ResultLine
              key={key}
              row={row}
              id={`explorer-result-${index}`}
              active={index === active}
              style={{ height: size, transform: `translateY(${start}px)` }}
              onUse={(preview) => use(index, preview)}
            />
          );
        })}
      </div>
    </div>
  );
}
