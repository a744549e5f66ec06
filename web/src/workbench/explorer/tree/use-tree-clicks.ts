import type { MouseEvent } from "react";
import { openFile } from "../../store.ts";
import { entryRows } from "./keyboard.ts";
import { selectOne, selectRange, selectToggled } from "./selection.ts";
import type { Row } from "./tree-model.ts";
import type { ExplorerModel } from "./use-explorer.ts";

/** What a click does: chooses, opens up or opens, as in VS Code. */
export function useTreeClicks(model: ExplorerModel, rows: readonly Row[]) {
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
  return { onClick, onDoubleClick };
}
