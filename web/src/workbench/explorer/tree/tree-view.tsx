"use client";

import { useMemo, useRef } from "react";
import { cn } from "../../../lib/utils.ts";
import { useCoarsePointer } from "../use-coarse-pointer.ts";
import { TreeLine } from "./tree-line.tsx";
import { flatten } from "./tree-model.ts";
import type { ExplorerModel } from "./use-explorer.ts";
import { useTreeClicks } from "./use-tree-clicks.ts";
import { useTreeDrag } from "./use-tree-drag.ts";
import { useTreeKeys } from "./use-tree-keys.ts";
import { useTreeScroll } from "./use-tree-scroll.ts";

const rowId = (index: number) => `explorer-row-${index}`;

/** The workspace's files as a tree: only the lines in view are drawn. */
export function TreeView({ model }: { model: ExplorerModel }) {
  const { tree, draft, renaming, selection } = model;
  const rows = useMemo(() => flatten(tree, draft), [tree, draft]);
  const rowHeight = useCoarsePointer() ? 34 : 22;
  const scroller = useRef<HTMLDivElement>(null);
  const { virtual, view } = useTreeScroll(model, rows, rowHeight, scroller);
  const clicks = useTreeClicks(model, rows);
  const onKeyDown = useTreeKeys(model, rows, view);
  const drag = useTreeDrag(model);
  const focused = rows.findIndex((row) => row.kind === "entry" && row.path === selection.focused);
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
      onKeyDown={onKeyDown}
      {...clicks}
      {...drag.handlers}
    >
      <div role="presentation" className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start, size }) => {
          const row = rows[index];
          if (row === undefined) return null;
          // What the field says stands over the lines below it.
          const raised = row.kind === "draft" || (row.kind === "entry" && row.path === renaming);
          return (
            <div
              key={key}
              role="presentation"
              className={cn("absolute inset-x-0 top-0", raised && "z-20")}
              style={{ height: size, transform: `translateY(${start}px)` }}
            >
              <TreeLine row={row} id={rowId(index)} model={model} dropTarget={drag.target} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
