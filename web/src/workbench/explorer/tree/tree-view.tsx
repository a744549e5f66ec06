"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { FolderIcon } from "lucide-react";
import { type MouseEvent, useCallback, useEffect, useMemo, useRef } from "react";
import { cn } from "../../../lib/utils.ts";
import { openFile, useWorkbench } from "../../store.ts";
import { useCoarsePointer } from "../use-coarse-pointer.ts";
import { FileTypeMark } from "./file-icon.tsx";
import { entryRows } from "./keyboard.ts";
import { NameField } from "./name-field.tsx";
import { isWithin } from "./paths.ts";
import { selectOne, selectRange, selectToggled } from "./selection.ts";
import { flatten, type Row } from "./tree-model.ts";
import { type EntryRow, Indent, TreeRow } from "./tree-row.tsx";
import type { ExplorerModel } from "./use-explorer.ts";
import { useTreeDrag } from "./use-tree-drag.ts";
import { useTreeKeys } from "./use-tree-keys.ts";

export const rowId = (index: number) => `explorer-row-${index}`;

function DraftRow({ row, model }: { row: Extract<Row, { kind: "draft" }>; model: ExplorerModel }) {
  const siblings = model.tree.directories.get(row.directory)?.entries.map(({ name }) => name) ?? [];
  return (
    <div className="flex size-full items-center gap-1 pr-2 pl-1">
      <Indent level={row.level} />
      <span className="w-4 shrink-0" />
      {row.type === "file" ? (
        <FileTypeMark name="" type="file" />
      ) : (
        <FolderIcon className="size-3.5 shrink-0 fill-clay-soft text-clay" aria-hidden />
      )}
      <NameField
        label={row.type === "file" ? "Name of the new file" : "Name of the new folder"}
        initial=""
        type={row.type}
        siblings={siblings}
        nested
        onSubmit={model.submitDraft}
        onCancel={model.cancelNaming}
      />
    </div>
  );
}

function renameField(row: EntryRow, model: ExplorerModel) {
  if (model.renaming !== row.path) return null;
  const parent = row.path.slice(0, Math.max(0, row.path.lastIndexOf("/")));
  return (
    <NameField
      label={`New name of ${row.entry.name}`}
      initial={row.entry.name}
      type={row.entry.type}
      siblings={model.tree.directories.get(parent)?.entries.map(({ name }) => name) ?? []}
      nested={false}
      onSubmit={model.submitRename}
      onCancel={model.cancelNaming}
    />
  );
}

/** What a click does: chooses, opens up or opens, as in VS Code. */
function useClicks(model: ExplorerModel, rows: readonly Row[]) {
  const { files, selection, select, entry } = model;
  const rowAt = (event: MouseEvent) =>
    event.target instanceof Element
      ? (event.target.closest<HTMLElement>("[data-path]")?.dataset.path ?? null)
      : null;
  const onClick = (event: MouseEvent) => {
    const path = rowAt(event);
    if (path === null) return;
    if (event.shiftKey) {
      select(
        selectRange(
          selection,
          path,
          entryRows(rows).map((row) => row.path),
        ),
      );
      return;
    }
    if (event.ctrlKey || event.metaKey) {
      select(selectToggled(selection, path));
      return;
    }
    select(selectOne(path));
    const known = entry(path);
    if (known?.type === "directory") {
      if (files.store.getState().expanded.has(path)) files.collapse(path);
      else void files.expand(path);
    } else if (known?.type === "file" && event.detail <= 1) openFile(path, { preview: true });
  };
  const onDoubleClick = (event: MouseEvent) => {
    const path = rowAt(event);
    if (path !== null && entry(path)?.type === "file") openFile(path);
  };
  return { onClick, onDoubleClick, rowAt };
}

/** The workspace's files as a tree: only the lines in view are drawn. */
export function TreeView({ model }: { model: ExplorerModel }) {
  const { tree, draft, renaming, decorations, selection, scrollTo } = model;
  const rows = useMemo(() => flatten(tree, draft), [tree, draft]);
  const dirtyFiles = useWorkbench((state) => state.dirtyFiles);
  const coarse = useCoarsePointer();
  const rowHeight = coarse ? 34 : 22;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    // Room below for a click that means the workspace itself.
    paddingEnd: rowHeight,
    getItemKey: (index) => rows[index]?.key ?? index,
  });
  const focused = rows.findIndex((row) => row.kind === "entry" && row.path === selection.focused);
  const show = useCallback(
    (path: string) => {
      const index = rows.findIndex((row) => row.kind === "entry" && row.path === path);
      if (index >= 0) virtual.scrollToIndex(index, { align: "auto" });
    },
    [rows, virtual],
  );
  const shown = useRef(0);
  useEffect(() => {
    if (scrollTo === null || shown.current === scrollTo.count) return;
    // Once the line is there: the listing may come after the wish.
    if (!rows.some((row) => row.kind === "entry" && row.path === scrollTo.path)) return;
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
  }, [naming]);

  const { onClick, onDoubleClick } = useClicks(model, rows);
  const onKeyDown = useTreeKeys(model, rows, {
    show,
    pageSize: () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1),
  });
  const drag = useTreeDrag(model);

  return (
    <div
      ref={scroller}
      role="tree"
      aria-label="Files"
      aria-multiselectable
      aria-activedescendant={focused < 0 ? undefined : rowId(focused)}
      tabIndex={0}
      data-explorer-tree
      className={cn(
        "group/tree size-full overflow-y-auto overflow-x-hidden outline-none",
        drag.target === "" && "bg-clay-soft",
      )}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
      onKeyDown={onKeyDown}
      {...drag.handlers}
    >
      <div role="presentation" className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start, size }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const field = row.kind === "entry" ? renameField(row, model) : null;
          const raised = field !== null || row.kind === "draft";
          return (
            <div
              key={key}
              role="presentation"
              className={cn("absolute inset-x-0 top-0", raised && "z-20")}
              style={{ height: size, transform: `translateY(${start}px)` }}
            >
              {row.kind === "draft" && <DraftRow row={row} model={model} />}
              {row.kind === "note" && (
                <p
                  title={row.text}
                  className={cn(
                    "flex h-full items-center gap-1 truncate pl-6 text-xs italic",
                    row.tone === "error" ? "text-destructive" : "text-muted-foreground",
                  )}
                >
                  <Indent level={row.level} />
                  <span className="truncate">{row.text}</span>
                </p>
              )}
              {row.kind === "entry" && (
                <TreeRow
                  row={row}
                  id={rowId(index)}
                  decoration={row.expanded === null ? decorations.of(row.path) : decorations.inside(row.path)}
                  selected={selection.paths.has(row.path)}
                  focused={selection.focused === row.path}
                  dropping={drag.target !== null && drag.target !== "" && isWithin(row.path, drag.target)}
                  unsaved={dirtyFiles.includes(row.path)}
                  field={field}
                  draggable={!coarse}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
