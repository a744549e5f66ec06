import { constants, realpathSync } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { AppError } from "@remote-claude/protocol";
import { errorCode } from "../lib/system-errors.ts";

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** On Linux, paths that begin at an open directory: nobody can swap a link into them. */
const descriptorPaths = process.platform === "linux";

/**
 * A directory of the workspace, held open. What is done under `at(name)` happens in this very directory, even
 * if a program of the session replaces it by a symlink meanwhile.
 */
export class OpenDirectory {
  /** Where it was when it was opened: absolute, without links. */
  readonly real: string;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, real: string) {
    this.#handle = handle;
    this.real = real;
  }

  get self(): string {
    return descriptorPaths ? `/proc/self/fd/${this.#handle.fd}` : this.real;
  }

  at(name: string): string {
    return join(this.self, name);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** A path of the workspace, taken apart: the open directory it is in, and its last name. */
export interface Place {
  readonly directory: OpenDirectory;
  readonly name: string;
}

/** The workspace. Nothing outside of it is ever opened: paths are resolved, links and all, before they are used. */
export class WorkspaceRoot {
  /** Absolute, without links. */
  readonly path: string;

  constructor(path: string) {
    this.path = realpathSync(path);
  }

  contains(real: string): boolean {
    return real === this.path || real.startsWith(this.path + sep);
  }

  /** The workspace's name for an absolute real path inside it. */
  nameOf(real: string): string {
    return relative(this.path, real).split(sep).join("/");
  }

  /** Where a path of the workspace leads, links followed; it must exist and lie inside. */
  async resolve(path: string): Promise<string> {
    const real = await realpath(join(this.path, path));
    if (!this.contains(real)) throw leadsOut();
    return real;
  }

  /** As `resolve`, for a directory that a process is to start in. */
  async resolveDirectory(path: string): Promise<string> {
    return this.withDirectory(path, async ({ real }) => real);
  }

  async withDirectory<T>(path: string, run: (directory: OpenDirectory) => Promise<T>): Promise<T> {
    const directory = await this.#open(await this.resolve(path));
    try {
      return await run(directory);
    } finally {
      await directory.close();
    }
  }

  /** The name itself, without following it if it is a link: for moving, deleting, making. */
  async withEntry<T>(path: string, run: (place: Place) => Promise<T>): Promise<T> {
    const name = basename(path);
    if (path === "" || name === "." || name === "")
      throw new AppError("bad_request", "that is the workspace");
    return this.withDirectory(dirname(path), (directory) => run({ directory, name }));
  }

  /** What the path leads to, or will be made at: links are followed, and must stay inside. */
  async withTarget<T>(path: string, run: (place: Place) => Promise<T>): Promise<T> {
    const real = await this.#findTarget(path);
    if (real === this.path) throw new AppError("bad_request", "that is the workspace");
    const directory = await this.#open(dirname(real));
    try {
      return await run({ directory, name: basename(real) });
    } finally {
      await directory.close();
    }
  }

  /** Makes the directory and those above it; what exists already stays as it is. */
  async ensureDirectory(path: string): Promise<void> {
    let directory = await this.#open(this.path);
    try {
      for (const name of path.split("/").filter((part) => part !== "" && part !== ".")) {
        const next = await this.#step(directory, name);
        await directory.close();
        directory = next;
      }
    } finally {
      await directory.close();
    }
  }

  async #step(directory: OpenDirectory, name: string): Promise<OpenDirectory> {
    try {
      await mkdir(directory.at(name));
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    return this.#open(await this.resolve(this.nameOf(join(directory.real, name))));
  }

  /** The real path, or, of something that is not there yet, its name in the real directory it would be in. */
  async #findTarget(path: string): Promise<string> {
    try {
      return await this.resolve(path);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
    const target = join(await this.resolve(dirname(path)), basename(path));
    const isLink = await lstat(target).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
    if (isLink) throw new AppError("conflict", "the symbolic link leads nowhere");
    return target;
  }

  /** Opens a directory whose real path was checked, and checks again what was opened. */
  async #open(real: string): Promise<OpenDirectory> {
    const handle = await open(real, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const opened = descriptorPaths ? await readlink(`/proc/self/fd/${handle.fd}`) : await realpath(real);
      if (!this.contains(opened)) throw leadsOut();
      return new OpenDirectory(handle, opened);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
}

/** Opens a regular file for reading; never waits on a pipe, never follows a link. */
export async function openFile(path: string): Promise<FileHandle> {
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const stats = await handle.stat();
  if (stats.isFile()) return handle;
  await handle.close();
  throw new AppError("bad_request", stats.isDirectory() ? "that is a directory" : "that is not a file");
}

export function leadsOut(): AppError {
  return new AppError("bad_request", "the path leads out of the workspace");
}
