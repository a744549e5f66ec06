import { freeName } from "../tree/names.ts";
import { ancestorsOf, joinPath, nameOf, parentOf } from "../tree/paths.ts";

/** A file to be uploaded, or (without `file`) an empty directory. `path` is relative to where it is dropped. */
export interface UploadItem {
  path: string;
  file: File | null;
}

/** What stands in the workspace where things would go: file names and directories, by full path. */
export interface Existing {
  files: ReadonlySet<string>;
  directories: ReadonlySet<string>;
}

export interface PlannedUpload {
  item: UploadItem;
  /** Where it goes in the workspace. */
  path: string;
  /** A file of this path is there already. */
  conflict: boolean;
}

/** All directories, the target included, that the items would go into. */
export function directoriesOf(items: readonly UploadItem[], directory: string): string[] {
  const found = new Set<string>([directory]);
  for (const { path } of items)
    for (const parent of ancestorsOf(path)) found.add(joinPath(directory, parent));
  return [...found].sort((a, b) => a.length - b.length);
}

export function planUploads(
  items: readonly UploadItem[],
  directory: string,
  existing: Existing,
): PlannedUpload[] {
  return items
    .map((item) => {
      const path = joinPath(directory, item.path);
      return { item, path, conflict: item.file !== null && existing.files.has(path) };
    })
    .filter(({ item, path }) => item.file !== null || !existing.directories.has(path));
}

/** Another name beside the one that is taken, free in the workspace and among what is uploaded with it. */
export function pathToKeepBoth(path: string, existing: Existing, planned: ReadonlySet<string>): string {
  const parent = parentOf(path);
  const taken = (name: string) => {
    const other = joinPath(parent, name);
    return existing.files.has(other) || existing.directories.has(other) || planned.has(other);
  };
  return joinPath(parent, freeName(nameOf(path), taken));
}
