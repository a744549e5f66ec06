import { randomBytes } from "node:crypto";
import { chmod, lstat, mkdir, readdir, realpath, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { AppError, type TransferDone } from "@remote-claude/protocol";
import { errorCode } from "../lib/system-errors.ts";
import { formatOf, type OpenEntry } from "./archive-formats.ts";
import { ArchivePlan, archiveLimits, type Unpacking } from "./archive-plan.ts";
import { spool, temporaryPrefix } from "./content.ts";
import type { WorkspaceRoot } from "./workspace-root.ts";

/**
 * Unpacks an archive into a directory of the workspace. It is checked whole, unpacked into a directory that
 * nobody else uses, and only then moved to its place: of a refused archive nothing is left behind.
 */
export async function extractArchive(
  root: WorkspaceRoot,
  path: string,
  content: AsyncIterable<Uint8Array>,
  maxBytes: number | undefined,
  progress: (text: string) => void,
): Promise<TransferDone> {
  const work = join(root.path, temporaryPrefix + randomBytes(9).toString("base64url"));
  await mkdir(work, { mode: 0o700 });
  try {
    const archive = join(work, "archive");
    const { size } = await spool(archive, content, maxBytes);
    const read = await formatOf(archive);
    const plan = new ArchivePlan(size);
    await read(archive, async (entry) => plan.add(entry));
    const unpacking = plan.finish();
    const unpacked = join(work, "unpacked");
    await mkdir(unpacked);
    const unpack = new Unpacker(unpacked, unpacking, progress);
    await read(archive, (entry) => unpack.visit(entry));
    await unpack.makeLinks();
    await root.ensureDirectory(path);
    await root.withDirectory(path, async ({ self }) => {
      await checkMerge(unpacked, self);
      await merge(unpacked, self);
    });
    return { size, created: true };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Writes the entries of a checked archive below a directory that holds nothing else. */
class Unpacker {
  readonly #base: string;
  readonly #unpacking: Unpacking;
  readonly #progress: (text: string) => void;
  readonly #made = new Set<string>([""]);
  #files = 0;
  #bytes = 0;
  #toldAt = 0;

  constructor(base: string, unpacking: Unpacking, progress: (text: string) => void) {
    this.#base = base;
    this.#unpacking = unpacking;
    this.#progress = progress;
  }

  async visit(entry: OpenEntry): Promise<void> {
    const place = this.#unpacking.place(entry.name);
    if (place === null || entry.type === "symlink") return;
    if (entry.type === "directory") return this.#ensureDirectory(place);
    await this.#ensureDirectory(parentOf(place));
    const path = join(this.#base, place);
    // What the headers said was checked; this holds even if they lied.
    const { size } = await spool(path, await entry.content(), archiveLimits.totalBytes - this.#bytes);
    await chmod(path, (entry.mode & 0o755) | 0o600);
    this.#bytes += size;
    this.#tell();
  }

  /** Last, so that nothing is ever written through one. */
  async makeLinks(): Promise<void> {
    for (const [place, target] of this.#unpacking.links) {
      await this.#ensureDirectory(parentOf(place));
      await symlink(target, join(this.#base, place));
    }
    const base = await realpath(this.#base);
    for (const place of this.#unpacking.links.keys()) {
      const real = await realpath(join(base, place)).catch((error: unknown) => {
        // A link to nowhere harms nobody: whoever follows it later is checked then.
        if (errorCode(error) === "ENOENT") return base;
        throw error;
      });
      if (real !== base && !real.startsWith(base + sep))
        throw new AppError("bad_request", `the archive was refused: ${place} leads out of it`);
    }
  }

  async #ensureDirectory(place: string): Promise<void> {
    if (this.#made.has(place)) return;
    await mkdir(join(this.#base, place), { recursive: true });
    for (let at = place; at !== ""; at = parentOf(at)) this.#made.add(at);
  }

  #tell(): void {
    this.#files += 1;
    const now = performance.now();
    if (now - this.#toldAt < 250) return;
    this.#toldAt = now;
    this.#progress(`${this.#files} files, ${Math.round(this.#bytes / 1024 / 1024)} MiB`);
  }
}

function parentOf(place: string): string {
  const parent = dirname(place);
  return parent === "." ? "" : parent;
}

/** Refuses before anything is moved: what is there may be replaced, but not a directory by a file or the reverse. */
async function checkMerge(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = await lstat(join(to, entry.name)).catch(() => null);
    if (target === null) continue;
    if (target.isDirectory() !== entry.isDirectory())
      throw new AppError("conflict", `${entry.name} exists already, and is not of the same kind`);
    if (entry.isDirectory()) await checkMerge(join(from, entry.name), join(to, entry.name));
  }
}

async function merge(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    const existing = entry.isDirectory() ? await lstat(target).catch(() => null) : null;
    if (existing?.isDirectory() === true) await merge(source, target);
    else await rename(source, target);
  }
}
