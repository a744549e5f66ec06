import { posix } from "node:path";
import { AppError } from "@remote-claude/protocol";

export const archiveLimits = {
  totalBytes: 2 * 1024 ** 3,
  entries: 200_000,
  /** Unpacked to packed, once it is large enough to matter. */
  ratio: 200,
  ratioFromBytes: 64 * 1024 ** 2,
  pathLength: 4_095,
  nameBytes: 255,
} as const;

export type ArchiveEntryType = "file" | "directory" | "symlink";

/** What an archive says of one of its entries, as it says it. */
export interface ArchiveEntry {
  readonly name: string;
  /** null: a hard link, a device or another thing that is not unpacked. */
  readonly type: ArchiveEntryType | null;
  readonly size: number;
  /** Of a symlink. */
  readonly target?: string | undefined;
}

/**
 * Checks all of an archive before anything of it is unpacked, and says where each entry goes. Throws
 * `bad_request` or `too_large` with the first thing that is wrong.
 */
export class ArchivePlan {
  readonly #packedBytes: number;
  readonly #types = new Map<string, ArchiveEntryType>();
  readonly #links = new Map<string, string>();
  #count = 0;
  #bytes = 0;

  constructor(packedBytes: number) {
    this.#packedBytes = packedBytes;
  }

  add(entry: ArchiveEntry): void {
    const path = safePath(entry.name);
    this.#count += 1;
    if (this.#count > archiveLimits.entries)
      throw new AppError("too_large", `the archive has more than ${archiveLimits.entries} entries`);
    this.addBytes(entry.size);
    if (path === null) return;
    if (entry.type === null)
      throw refused(entry.name, "is neither a file nor a directory nor a symbolic link");
    const known = this.#types.get(path);
    if (known !== undefined && !(known === "directory" && entry.type === "directory"))
      throw refused(entry.name, "is in the archive twice");
    this.#types.set(path, entry.type);
    if (entry.type === "symlink") this.#links.set(path, entry.target ?? "");
  }

  addBytes(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > archiveLimits.totalBytes)
      throw new AppError("too_large", "the archive unpacks to more than 2 GiB");
    const { ratio, ratioFromBytes } = archiveLimits;
    if (this.#bytes > ratioFromBytes && this.#bytes > ratio * this.#packedBytes)
      throw new AppError("too_large", "the archive unpacks to far more than it holds: it looks like a bomb");
  }

  /** What is needed to unpack. Call it when every entry was added. */
  finish(): Unpacking {
    for (const path of this.#types.keys()) this.#checkParents(path);
    const strip = this.#singleTopFolder();
    const prefix = strip === null ? "" : `${strip}/`;
    for (const [path, target] of this.#links) this.#checkLink(path, target, prefix);
    return {
      place: (name) => {
        const path = safePath(name);
        if (path === null || path === strip) return null;
        return path.slice(prefix.length);
      },
      links: new Map([...this.#links].map(([path, target]) => [path.slice(prefix.length), target])),
    };
  }

  /** Nothing is unpacked through a link or below a file. */
  #checkParents(path: string): void {
    for (let parent = posix.dirname(path); parent !== "."; parent = posix.dirname(parent)) {
      const type = this.#types.get(parent);
      if (type !== undefined && type !== "directory")
        throw refused(path, "lies below what is not a directory");
    }
  }

  /** People zip a folder, npm packs into `package/`: that folder stands for the archive itself. */
  #singleTopFolder(): string | null {
    const tops = new Set<string>();
    for (const path of this.#types.keys()) {
      tops.add(path.split("/")[0] ?? path);
      if (tops.size > 1) return null;
    }
    const [top] = tops;
    if (top === undefined) return null;
    const type = this.#types.get(top);
    return type === undefined || type === "directory" ? top : null;
  }

  #checkLink(path: string, target: string, prefix: string): void {
    const inside = posix.join(posix.dirname(path.slice(prefix.length)), target);
    const leadsOut = posix.isAbsolute(target) || inside === ".." || inside.startsWith("../");
    if (target === "" || target.includes("\0") || leadsOut)
      throw refused(path, "is a symbolic link that leads out");
    // Through another link, "inside" by its letters may be elsewhere in fact.
    for (let part = inside; part !== "." && part !== "/"; part = posix.dirname(part))
      if (this.#links.has(prefix + part) && target.split("/").includes(".."))
        throw refused(path, "is a symbolic link through another");
  }
}

export interface Unpacking {
  /** Where the entry of that name goes, relative to the destination; null: it is not unpacked. */
  place(name: string): string | null;
  readonly links: ReadonlyMap<string, string>;
}

/** null: nothing to unpack (the root itself, what macOS adds). */
function safePath(name: string): string | null {
  if (name.includes("\0")) throw refused(name, "has a NUL character in its name");
  if (name.includes("\\") || /^[A-Za-z]:/.test(name)) throw refused(name, "has a Windows path");
  if (name.startsWith("/")) throw refused(name, "has an absolute path");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refused(name, "leads out of the archive");
  const path = parts.join("/");
  const tooLong = parts.some((part) => Buffer.byteLength(part) > archiveLimits.nameBytes);
  if (tooLong || path.length > archiveLimits.pathLength) throw refused(name, "has a name that is too long");
  return path === "" || parts[0] === "__MACOSX" || parts.at(-1) === ".DS_Store" ? null : path;
}

function refused(name: string, why: string): AppError {
  return new AppError("bad_request", `the archive was refused: ${JSON.stringify(name.slice(0, 200))} ${why}`);
}
