import type { Reply } from "@remote-claude/protocol";

export type SearchMatch = Reply<"file.search">["matches"][number];

export interface SearchGroup {
  path: string;
  matches: SearchMatch[];
}

/** A line of the results. */
export type SearchRow =
  | { kind: "file"; key: string; path: string; count: number; open: boolean }
  | { kind: "match"; key: string; path: string; match: SearchMatch };

/** By file, the files by path, the matches as they stand in them: ripgrep's threads answer in any order. */
export function groupMatches(matches: readonly SearchMatch[]): SearchGroup[] {
  const groups = new Map<string, SearchMatch[]>();
  for (const match of matches) {
    const group = groups.get(match.path);
    if (group === undefined) groups.set(match.path, [match]);
    else group.push(match);
  }
  const order = new Intl.Collator("en", { numeric: true });
  return [...groups]
    .map(([path, found]) => ({
      path,
      matches: found.sort((a, b) => a.line - b.line || a.column - b.column),
    }))
    .sort((a, b) => order.compare(a.path, b.path));
}

export function searchRows(groups: readonly SearchGroup[], closed: ReadonlySet<string>): SearchRow[] {
  return groups.flatMap(({ path, matches }): SearchRow[] => {
    const open = !closed.has(path);
    const file: SearchRow = { kind: "file", key: path, path, count: matches.length, open };
    if (!open) return [file];
    return [
      file,
      ...matches.map(
        (match): SearchRow => ({ kind: "match", key: `${path}\n${match.line}:${match.column}`, path, match }),
      ),
    ];
  });
}

/** What a key does in the results. */
export type ResultAct =
  | { act: "focus"; index: number }
  | { act: "use"; preview: boolean }
  /** Folds a file's matches away or shows them; the focus goes to the file's line or stays. */
  | { act: "set-open"; path: string; open: boolean; index: number };

export function resultAct(rows: readonly SearchRow[], active: number, key: string): ResultAct | null {
  const row = rows[active];
  if (row === undefined) return null;
  const last = rows.length - 1;
  if (key === "ArrowDown") return { act: "focus", index: Math.min(last, active + 1) };
  if (key === "ArrowUp") return { act: "focus", index: Math.max(0, active - 1) };
  if (key === "Home" || key === "End") return { act: "focus", index: key === "Home" ? 0 : last };
  if (key === "Enter" || key === " ") return { act: "use", preview: key === " " };
  const { path } = row;
  if (key === "ArrowRight" && row.kind === "file")
    return row.open
      ? { act: "focus", index: Math.min(last, active + 1) }
      : { act: "set-open", path, open: true, index: active };
  if (key !== "ArrowLeft") return null;
  const file = rows.findIndex((other) => other.kind === "file" && other.path === path);
  // As in the tree: first out to the file, then the file folds.
  return row.kind === "match"
    ? { act: "focus", index: file }
    : { act: "set-open", path, open: false, index: file };
}

/** How much of a line stands before its match, at most: the match must be in view in a narrow pane. */
const contextBefore = 16;

/**
 * A line cut in three around its match. Far inside a very long line the text begins somewhere before the match
 * and not at the line's start (`text` is cut around it): then the match is where the middle of the cut is.
 */
export function highlight({ text, column, length }: SearchMatch): {
  before: string;
  match: string;
  after: string;
} {
  const start = column - 1 < 500 ? column - 1 : Math.min(250, column - 1);
  const lead = text.slice(0, start).replace(/^\s+/, "");
  // From a whole word on, if there is one.
  const near = lead.slice(-contextBefore).replace(/^\S*\s+(?=\S)/, "");
  const before = lead.length > contextBefore ? `…${near}` : lead;
  return { before, match: text.slice(start, start + length), after: text.slice(start + length) };
}

/** "12 results in 3 files". */
export function summary(groups: readonly SearchGroup[]): string {
  const count = groups.reduce((sum, { matches }) => sum + matches.length, 0);
  const results = count === 1 ? "1 result" : `${count.toLocaleString("en")} results`;
  const files = groups.length === 1 ? "1 file" : `${groups.length.toLocaleString("en")} files`;
  return `${results} in ${files}`;
}
