import type { UploadItem } from "./upload-plan.ts";

/** What systems leave in folders, and nobody means to upload. */
const litter = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

/** The files of a drop, folders walked through. Call it in the drop's own handler. */
export function droppedItems(transfer: DataTransfer): Promise<UploadItem[]> {
  const entries = [...transfer.items]
    .filter(({ kind }) => kind === "file")
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  return collect(entries.filter((entry) => entry !== null));
}

async function collect(entries: readonly (FileSystemEntry | File)[]): Promise<UploadItem[]> {
  const items: UploadItem[] = [];
  for (const entry of entries) {
    if (entry instanceof File) items.push({ path: entry.name, file: entry });
    else await walk(entry, "", items);
  }
  return items;
}

async function walk(entry: FileSystemEntry, prefix: string, items: UploadItem[]): Promise<void> {
  const path = prefix + entry.name;
  if (entry.isFile) {
    if (prefix !== "" && litter.has(entry.name)) return;
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    items.push({ path, file });
    return;
  }
  const children = await childrenOf(entry as FileSystemDirectoryEntry);
  if (children.length === 0) items.push({ path, file: null });
  for (const child of children) await walk(child, `${path}/`, items);
}

/** A reader gives a hundred at a time, and none when there are no more. */
async function childrenOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** The files that were chosen in the browser's dialog. */
export function chosenItems(list: FileList | null): UploadItem[] {
  return [...(list ?? [])]
    .map((file) => ({ path: file.webkitRelativePath || file.name, file }))
    .filter(({ path, file }) => !path.includes("/") || !litter.has(file.name));
}
