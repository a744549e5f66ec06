import { parentOf } from "./paths.ts";
import type { Row } from "./tree-model.ts";

/** What a key does in the tree. */
export type KeyAct =
  | { act: "focus"; path: string }
  | { act: "expand" | "collapse" | "toggle"; path: string }
  | { act: "open"; path: string; preview: boolean }
  | { act: "rename" | "delete" | "menu"; path: string }
  | { act: "select-all" | "deselect" };

type EntryRow = Extract<Row, { kind: "entry" }>;
type Press = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

export const entryRows = (rows: readonly Row[]): EntryRow[] =>
  rows.filter((row): row is EntryRow => row.kind === "entry");

function moved(rows: readonly EntryRow[], focused: number, key: string, pageSize: number): number | null {
  const last = rows.length - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, focused + 1);
    case "ArrowUp":
      return Math.max(0, focused < 0 ? last : focused - 1);
    case "Home":
      return 0;
    case "End":
      return last;
    case "PageDown":
      return Math.min(last, Math.max(0, focused) + pageSize);
    case "PageUp":
      return Math.max(0, focused - pageSize);
    default:
      return null;
  }
}

function inward(rows: readonly EntryRow[], index: number): KeyAct | null {
  const row = rows[index];
  if (row === undefined || row.expanded === null) return null;
  if (!row.expanded) return { act: "expand", path: row.path };
  const child = rows[index + 1];
  return child !== undefined && child.level > row.level ? { act: "focus", path: child.path } : null;
}

function outward(row: EntryRow): KeyAct | null {
  if (row.expanded) return { act: "collapse", path: row.path };
  const parent = parentOf(row.path);
  return parent === "" ? null : { act: "focus", path: parent };
}

/** What a key press does while the line at `focused` has the focus (-1: none yet); null: nothing of ours. */
export function keyAct(
  rows: readonly EntryRow[],
  focused: number,
  press: Press,
  pageSize: number,
): KeyAct | null {
  const { key } = press;
  const mod = press.ctrlKey || press.metaKey;
  if (mod && key.toLowerCase() === "a" && !press.shiftKey && !press.altKey) return { act: "select-all" };
  const row = rows[focused];
  if (key === "Backspace" && press.metaKey && row !== undefined) return { act: "delete", path: row.path };
  if (mod || press.altKey) return null;
  const target = moved(rows, focused, key, pageSize);
  if (target !== null) {
    const path = rows[target]?.path;
    return path === undefined ? null : { act: "focus", path };
  }
  if (key === "Escape") return { act: "deselect" };
  if (row === undefined) return null;
  const { path } = row;
  if (key === "ArrowRight") return inward(rows, focused);
  if (key === "ArrowLeft") return outward(row);
  if (key === "Enter" || key === " ")
    return row.expanded === null ? { act: "open", path, preview: key === " " } : { act: "toggle", path };
  if (key === "F2") return { act: "rename", path };
  if (key === "Delete") return { act: "delete", path };
  if (key === "ContextMenu" || (key === "F10" && press.shiftKey)) return { act: "menu", path };
  return null;
}
