import type { DiffLine } from "./diff.ts";

/** A row of a diff in two columns; each side by its place in the hunk, so that its colours are found. */
export interface SideRow {
  readonly before: number | null;
  readonly after: number | null;
}

/** What was removed stands beside what was added in its place. */
export function sideRows(lines: readonly DiffLine[]): readonly SideRow[] {
  const rows: SideRow[] = [];
  let removed: number[] = [];
  let added: number[] = [];
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      rows.push({ before: removed[index] ?? null, after: added[index] ?? null });
    }
    removed = [];
    added = [];
  };
  for (const [index, { type }] of lines.entries()) {
    if (type === "removed") {
      // Removed after added: another change begins.
      if (added.length > 0) flush();
      removed.push(index);
    } else if (type === "added") added.push(index);
    else {
      flush();
      rows.push({ before: index, after: index });
    }
  }
  flush();
  return rows;
}
