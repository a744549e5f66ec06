import type { ChangedFile } from "@remote-claude/protocol";

/** A line of the tree of changed files. */
export type ChangeRow =
  | {
      readonly kind: "folder";
      readonly key: string;
      readonly path: string;
      readonly name: string;
      readonly level: number;
      readonly open: boolean;
    }
  | {
      readonly kind: "file";
      readonly key: string;
      readonly file: ChangedFile;
      readonly name: string;
      readonly level: number;
    };

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: { name: string; file: ChangedFile }[];
}

const emptyFolder = (): Folder => ({ folders: new Map(), files: [] });

function treeOf(files: readonly ChangedFile[]): Folder {
  const root = emptyFolder();
  for (const file of files) {
    const parts = file.path.split("/");
    const name = parts.pop() ?? file.path;
    let folder = root;
    for (const part of parts) {
      const next: Folder = folder.folders.get(part) ?? emptyFolder();
      folder.folders.set(part, next);
      folder = next;
    }
    folder.files.push({ name, file });
  }
  return root;
}

/** Folders first, those with a single folder in them in one line; what is in a closed one is left out. */
export function changeRows(files: readonly ChangedFile[], closed: ReadonlySet<string>): ChangeRow[] {
  const rows: ChangeRow[] = [];
  const add = (folder: Folder, path: string, level: number) => {
    for (const [first, child] of folder.folders) {
      let [name, inner] = [first, child];
      for (;;) {
        const only = inner.files.length === 0 && inner.folders.size === 1 ? [...inner.folders][0] : undefined;
        if (only === undefined) break;
        name = `${name}/${only[0]}`;
        inner = only[1];
      }
      const own = path === "" ? name : `${path}/${name}`;
      const open = !closed.has(own);
      rows.push({ kind: "folder", key: `${own}/`, path: own, name, level, open });
      if (open) add(inner, own, level + 1);
    }
    for (const { name, file } of folder.files) rows.push({ kind: "file", key: file.path, file, name, level });
  };
  add(treeOf(files), "", 1);
  return rows;
}

export type RowAct =
  | { readonly act: "focus"; readonly index: number }
  | { readonly act: "toggle"; readonly path: string; readonly open: boolean }
  | { readonly act: "open"; readonly index: number; readonly keepFocus: boolean };

/** What a key means in the tree, as in every tree. */
export function rowAct(rows: readonly ChangeRow[], index: number, key: string): RowAct | null {
  const row = rows[index];
  switch (key) {
    case "ArrowDown":
      return { act: "focus", index: Math.min(index + 1, rows.length - 1) };
    case "ArrowUp":
      return { act: "focus", index: Math.max(index - 1, 0) };
    case "Home":
      return { act: "focus", index: 0 };
    case "End":
      return { act: "focus", index: rows.length - 1 };
    case "ArrowRight":
      return row?.kind === "folder" && !row.open ? { act: "toggle", path: row.path, open: true } : null;
    case "ArrowLeft": {
      if (row?.kind === "folder" && row.open) return { act: "toggle", path: row.path, open: false };
      const parent = rows.slice(0, index).findLastIndex(({ level }) => level < (row?.level ?? 0));
      return parent === -1 ? null : { act: "focus", index: parent };
    }
    case "Enter":
    case " ":
      if (row?.kind === "folder") return { act: "toggle", path: row.path, open: !row.open };
      return row === undefined ? null : { act: "open", index, keepFocus: key === " " };
    default:
      return null;
  }
}

/** All of them together: what a listing's head says. */
export function totalsOf(files: readonly ChangedFile[]): { added: number; removed: number } {
  const sum = (of: "added" | "removed") => files.reduce((total, file) => total + (file[of] ?? 0), 0);
  return { added: sum("added"), removed: sum("removed") };
}
