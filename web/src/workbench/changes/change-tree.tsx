"use client";

import type { ChangedFile } from "@remote-claude/protocol";
import { useVirtualizer } from "@tanstack/react-virtual";
import { CheckIcon, ChevronRightIcon, FolderIcon, MessageSquareTextIcon } from "lucide-react";
import { type CSSProperties, type KeyboardEvent, useCallback, useMemo, useRef, useState } from "react";
import { cn } from "../../lib/utils.ts";
import { FileTypeMark } from "../explorer/tree/file-icon.tsx";
import { useCoarsePointer } from "../explorer/use-coarse-pointer.ts";
import { type ChangeRow, changeRows, rowAct } from "./change-rows.ts";
import { useChangesStore } from "./changes-store.ts";
import { LineCounts } from "./line-counts.tsx";

const looks: Record<ChangedFile["status"], { letter: string; label: string; className: string }> = {
  added: { letter: "A", label: "added", className: "text-success" },
  modified: { letter: "M", label: "modified", className: "text-warning" },
  deleted: { letter: "D", label: "deleted", className: "text-destructive" },
  renamed: { letter: "R", label: "renamed", className: "text-success" },
  conflicted: { letter: "!", label: "in conflict", className: "text-destructive" },
};

function FileCells({ file, name }: { file: ChangedFile; name: string }) {
  const progress = useChangesStore((state) => state.progress[file.path]);
  const comments = useChangesStore((state) => state.comments.filter(({ path }) => path === file.path).length);
  const done = progress !== undefined && progress.hunks > 0 && progress.accepted === progress.hunks;
  const { letter, label, className } = looks[file.status];
  return (
    <>
      <FileTypeMark name={name} type="file" />
      <span className={cn("min-w-0 truncate", file.status === "deleted" && "line-through opacity-75")}>
        {name}
      </span>
      {comments > 0 && (
        <span className="flex shrink-0 items-center text-[11px] text-clay">
          <MessageSquareTextIcon className="size-3" aria-hidden />
          {comments}
          <span className="sr-only">{comments === 1 ? " comment" : " comments"}</span>
        </span>
      )}
      <span className="ml-auto flex shrink-0 items-center gap-1.5 pl-1">
        {done && (
          <span className="text-success" title="All changes accepted">
            <CheckIcon className="size-3.5" aria-hidden />
            <span className="sr-only">accepted</span>
          </span>
        )}
        <LineCounts file={file} />
        <span className={cn("w-3 text-center font-semibold text-[11px]", className)} title={label}>
          <span aria-hidden>{letter}</span>
          <span className="sr-only">{label}</span>
        </span>
      </span>
    </>
  );
}

function Line({
  row,
  id,
  focused,
  shown,
  style,
  onUse,
}: {
  row: ChangeRow;
  id: string;
  focused: boolean;
  shown: boolean;
  style: CSSProperties;
  onUse(): void;
}) {
  const indent = { paddingLeft: `${(row.level - 1) * 10 + 6}px` };
  return (
    // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the tree has focus and keys
    <div
      id={id}
      role="treeitem"
      aria-level={row.level}
      aria-selected={shown}
      {...(row.kind === "folder" ? { "aria-expanded": row.open } : {})}
      title={row.kind === "folder" ? row.path : row.file.path}
      onClick={onUse}
      style={{ ...style, ...indent }}
      className={cn(
        "absolute inset-x-0 top-0 flex cursor-pointer items-center gap-1 pr-2 hover:bg-hover",
        shown && "bg-selected/70",
        focused && "group-focus-visible/changes:bg-selected",
      )}
    >
      {row.kind === "folder" ? (
        <>
          <ChevronRightIcon
            aria-hidden
            className={cn("size-4 shrink-0 text-muted-foreground", row.open && "rotate-90")}
          />
          <FolderIcon className="size-3.5 shrink-0 fill-clay-soft text-clay" aria-hidden />
          <span className="truncate">{row.name}</span>
        </>
      ) : (
        <>
          <span className="w-4 shrink-0" />
          <FileCells file={row.file} name={row.name} />
        </>
      )}
    </div>
  );
}

interface ChangeTreeProps {
  readonly files: readonly ChangedFile[];
  /** The file whose changes are shown. */
  readonly shown: string | null;
  onOpen(file: ChangedFile, keepFocus: boolean): void;
}

/** The changed files in their folders; only the lines in view are drawn. */
export function ChangeTree({ files, shown, onOpen }: ChangeTreeProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [wanted, setFocused] = useState(0);
  const rows = useMemo(() => changeRows(files, closed), [files, closed]);
  const focused = Math.max(0, Math.min(wanted, rows.length - 1));
  const scroller = useRef<HTMLDivElement>(null);
  const coarse = useCoarsePointer();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (coarse ? 36 : 24),
    overscan: 12,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
  });
  const toggle = (path: string, open: boolean) =>
    setClosed((before) => {
      const next = new Set(before);
      if (open) next.delete(path);
      else next.add(path);
      return next;
    });
  const use = (index: number, keepFocus: boolean) => {
    const row = rows[index];
    setFocused(index);
    if (row?.kind === "folder") toggle(row.path, !row.open);
    else if (row !== undefined) onOpen(row.file, keepFocus);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = rowAct(rows, focused, event.key);
    if (act === null) return;
    event.preventDefault();
    if (act.act === "toggle") toggle(act.path, act.open);
    else if (act.act === "open") use(act.index, act.keepFocus);
    else {
      setFocused(act.index);
      virtual.scrollToIndex(act.index, { align: "auto" });
    }
  };
  return (
    <div
      ref={scroller}
      role="tree"
      aria-label="Changed files"
      data-changes-tree
      {...(rows.length === 0 ? {} : { "aria-activedescendant": `change-${focused}` })}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="group/changes min-h-0 flex-1 overflow-y-auto overflow-x-hidden pb-2 outline-none"
    >
      <div role="presentation" className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start, size }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <Line
              key={key}
              row={row}
              id={`change-${index}`}
              focused={index === focused}
              shown={row.kind === "file" && row.file.path === shown}
              style={{ height: size, transform: `translateY(${start}px)` }}
              onUse={() => use(index, true)}
            />
          );
        })}
      </div>
    </div>
  );
}
