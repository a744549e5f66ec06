import { lstat, readdir, stat } from "node:fs/promises";
import { AppError, type Payload, type Reply } from "@remote-claude/protocol";
import type { IgnoreRules } from "./ignore-rules.ts";
import type { OpenDirectory, WorkspaceRoot } from "./workspace-root.ts";

type FileEntry = Reply<"file.stat">["entry"];

const maxEntries = 10_000;
const batchSize = 128;

let collator: Intl.Collator | undefined;

/** Made when it is first needed: ICU's tables take a while, and an agent shall start at once. */
function compareNames(one: string, other: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(one, other);
}

/** Directories first, then by name. */
export async function listDirectory(
  root: WorkspaceRoot,
  rules: IgnoreRules,
  path: string,
): Promise<Reply<"file.list">> {
  return root.withDirectory(path, async (directory) => {
    const names = (await readdir(directory.self)).sort(compareNames);
    const prefix = trimmed(path) === "" ? "" : `${trimmed(path)}/`;
    const real = root.nameOf(directory.real);
    const parentIgnored = real !== "" && rules.ignores(real, true);
    const entries: FileEntry[] = [];
    for (let at = 0; at < names.length && at < maxEntries; at += batchSize) {
      const batch = names.slice(at, Math.min(at + batchSize, maxEntries));
      const found = await Promise.all(batch.map((name) => entryOf(root, directory, name, prefix + name)));
      for (const entry of found) {
        if (entry === null) continue;
        const isDirectory = entry.type === "directory" && !entry.symlink;
        entry.ignored = parentIgnored || rules.ignoresEntry(real, entry.name, isDirectory);
        entries.push(entry);
      }
    }
    const rank = ({ type }: FileEntry) => (type === "directory" ? 0 : 1);
    entries.sort((a, b) => rank(a) - rank(b));
    return { entries, truncated: names.length > maxEntries };
  });
}

export async function statEntry(root: WorkspaceRoot, rules: IgnoreRules, path: string): Promise<FileEntry> {
  const clean = trimmed(path);
  if (clean === "") return rootEntry(root);
  return root.withEntry(clean, async ({ directory, name }) => {
    const entry = await entryOf(root, directory, name, clean);
    if (entry === null) throw new AppError("not_found", "there is no such file or directory");
    const inside = root.nameOf(directory.real);
    const real = inside === "" ? name : `${inside}/${name}`;
    entry.ignored = rules.ignores(real, entry.type === "directory" && !entry.symlink);
    return entry;
  });
}

async function rootEntry(root: WorkspaceRoot): Promise<FileEntry> {
  const { mtime } = await stat(root.path);
  const modifiedAt = mtime.toISOString();
  return { name: "", path: "", type: "directory", symlink: false, size: 0, modifiedAt, ignored: false };
}

/** null when it is gone, or its name is not text. */
async function entryOf(
  root: WorkspaceRoot,
  directory: OpenDirectory,
  name: string,
  path: Payload<"file.stat">["path"],
): Promise<FileEntry | null> {
  const own = await lstat(directory.at(name)).catch(() => null);
  if (own === null) return null;
  const symlink = own.isSymbolicLink();
  const target = symlink ? await targetOf(root, directory, name) : own;
  return {
    name,
    path,
    type: target === null ? "other" : target.isFile() ? "file" : target.isDirectory() ? "directory" : "other",
    symlink,
    size: target?.isFile() === true ? target.size : 0,
    modifiedAt: (target ?? own).mtime.toISOString(),
    ignored: false,
  };
}

/** null for a link that leads out of the workspace, or nowhere. */
async function targetOf(root: WorkspaceRoot, directory: OpenDirectory, name: string) {
  try {
    return await stat(await root.resolve(root.nameOf(`${directory.real}/${name}`)));
  } catch {
    return null;
  }
}

export function trimmed(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}
