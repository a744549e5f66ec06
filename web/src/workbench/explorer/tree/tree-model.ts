import type { FileChange, FileEntry } from "@remote-claude/protocol";
import { ancestorsOf, isWithin, joinPath, nameOf, parentOf, pathAfterMove } from "./paths.ts";

/** A directory as it was listed last. */
export interface Directory {
  entries: readonly FileEntry[];
  truncated: boolean;
}

/** What the explorer knows of the workspace. Paths are as on the wire; "" is the workspace. */
export interface Tree {
  directories: ReadonlyMap<string, Directory>;
  /** Directories that could not be listed, with the server's sentence. */
  failed: ReadonlyMap<string, string>;
  expanded: ReadonlySet<string>;
}

export const emptyTree: Tree = { directories: new Map(), failed: new Map(), expanded: new Set() };

/** A line of the tree. */
export type Row =
  | {
      kind: "entry";
      key: string;
      path: string;
      entry: FileEntry;
      level: number;
      /** null for what cannot be opened up. */
      expanded: boolean | null;
      position: number;
      setSize: number;
    }
  | { kind: "note"; key: string; level: number; text: string; tone: "quiet" | "error" }
  /** Where the name of a new entry is typed. */
  | { kind: "draft"; key: string; level: number; directory: string; type: "file" | "directory" };

/** Something that is about to be made in a directory. */
export interface Draft {
  directory: string;
  type: "file" | "directory";
}

/** git's own files are no business of the tree's, as in other editors. */
const isShown = ({ name }: FileEntry) => name !== ".git";

/** The lines from top to bottom. */
export function flatten(tree: Tree, draft: Draft | null = null): Row[] {
  const rows: Row[] = [];
  const walk = (path: string, level: number) => {
    if (draft?.directory === path) rows.push({ kind: "draft", key: "/draft", level, ...draft });
    const directory = tree.directories.get(path);
    if (directory === undefined) {
      const error = tree.failed.get(path);
      if (error !== undefined)
        rows.push({ kind: "note", key: `${path}//error`, level, text: error, tone: "error" });
      return;
    }
    directory.entries.forEach((entry, index) => {
      const expandable = entry.type === "directory";
      const expanded = expandable ? tree.expanded.has(entry.path) : null;
      const position = index + 1;
      const setSize = directory.entries.length;
      const { path: key } = entry;
      rows.push({ kind: "entry", key, path: key, entry, level, expanded, position, setSize });
      if (expanded) walk(entry.path, level + 1);
    });
    if (directory.truncated) {
      const text = `Only the first ${directory.entries.length.toLocaleString("en")} entries are shown.`;
      rows.push({ kind: "note", key: `${path}//more`, level, text, tone: "quiet" });
    }
  };
  walk("", 1);
  return rows;
}

function without<Value>(map: ReadonlyMap<string, Value>, drop: (path: string) => boolean) {
  return new Map([...map].filter(([path]) => !drop(path)));
}

/** The tree with a directory's new listing; what is known of subdirectories that are gone is forgotten. */
export function applyListing(tree: Tree, path: string, listing: Directory): Tree {
  const entries = listing.entries.filter(isShown);
  const inside = new Set(entries.filter(({ type }) => type === "directory").map((entry) => entry.path));
  const gone = (other: string) => {
    if (other === path || !isWithin(other, path) || listing.truncated) return false;
    const child = joinPath(path, other.slice(path === "" ? 0 : path.length + 1).split("/")[0] ?? "");
    return !inside.has(child);
  };
  const directories = without(tree.directories, gone);
  directories.set(path, { entries, truncated: listing.truncated });
  const failed = without(tree.failed, (other) => other === path || gone(other));
  return { directories, failed, expanded: new Set([...tree.expanded].filter((other) => !gone(other))) };
}

/** The tree after a directory could not be listed. What was known of it stays, if anything was. */
export function applyFailure(tree: Tree, path: string, message: string): Tree {
  return { ...tree, failed: new Map(tree.failed).set(path, message) };
}

/** The tree without a directory that is no longer there. */
export function forgetDirectory(tree: Tree, path: string): Tree {
  const gone = (other: string) => isWithin(other, path);
  return {
    directories: without(tree.directories, gone),
    failed: without(tree.failed, gone),
    expanded: new Set([...tree.expanded].filter((other) => !gone(other))),
  };
}

/** Directories that are in view, opened up and not yet listed. */
export function missingDirectories(tree: Tree): string[] {
  const missing: string[] = [];
  const walk = (path: string) => {
    const directory = tree.directories.get(path);
    if (directory === undefined) {
      if (!tree.failed.has(path)) missing.push(path);
      return;
    }
    for (const entry of directory.entries)
      if (entry.type === "directory" && tree.expanded.has(entry.path)) walk(entry.path);
  };
  walk("");
  return missing;
}

export function setExpanded(tree: Tree, path: string, expanded: boolean): Tree {
  if (tree.expanded.has(path) === expanded) return tree;
  const next = new Set(tree.expanded);
  if (expanded) next.add(path);
  else next.delete(path);
  // Opening up again is how one tries again.
  return { ...tree, expanded: next, failed: without(tree.failed, (other) => other === path) };
}

/** What was opened up stays so under its new name. */
export function applyMove(tree: Tree, from: string, to: string): Tree {
  return { ...tree, expanded: new Set([...tree.expanded].map((path) => pathAfterMove(path, from, to))) };
}

export function findEntry(tree: Tree, path: string): FileEntry | null {
  return tree.directories.get(parentOf(path))?.entries.find((entry) => entry.path === path) ?? null;
}

/** The listed directories that changes concern: they must be listed again. */
export function touchedDirectories(tree: Tree, changes: readonly FileChange[]): Set<string> {
  const touched = new Set<string>();
  for (const { path, type } of changes) {
    if (isWithin(path, ".git")) continue;
    // What is dimmed changes everywhere below.
    if (nameOf(path) === ".gitignore") for (const known of tree.directories.keys()) touched.add(known);
    if (type === "changed") continue;
    const parent = parentOf(path);
    if (tree.directories.has(parent)) touched.add(parent);
    else if (type === "created") {
      // A whole branch came at once: its topmost new directory is what the tree lacks.
      const missing = ancestorsOf(path).find((directory) => !tree.directories.has(directory));
      if (missing !== undefined && findEntry(tree, missing) === null) touched.add(parentOf(missing));
    }
  }
  return touched;
}
