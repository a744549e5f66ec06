import { chmod, lstat, mkdir, rename, unlink } from "node:fs/promises";
import type { Server } from "node:net";
import { join } from "node:path";

/** What a place's directory must be and is not; somebody meddled, or the disk says no. */
export class SocketFileError extends Error {
  override name = "SocketFileError";
}

/** The longest path that the kernel takes for a unix socket. */
const maxSocketPath = 107;

export interface SocketFile {
  readonly path: string;
  /** false: it was removed, or another process has put its own there. */
  isOurs(): Promise<boolean>;
  /** Removes the file, unless another process has put its own there. */
  remove(): Promise<void>;
}

/** `<runDir>/<placeId>/in`, made by whoever comes first; `out` is session-manager's, which closes it for writing. */
export async function ensurePlaceDirectories(runDir: string, placeId: string): Promise<string> {
  const place = join(runDir, placeId);
  const inside = join(place, "in");
  for (const directory of [place, inside]) await ensureDirectory(directory);
  return inside;
}

async function ensureDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o770 });
    // mkdir heeds the umask and drops the group bit; both must be as every other process of the group expects.
    await chmod(path, 0o2770);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (!(await lstat(path)).isDirectory()) throw new SocketFileError(`${path} is not a directory`);
  }
}

/**
 * Listens on `egress.sock` in the directory. It is bound under another name and moved into place, so that a
 * predecessor's socket is replaced without a moment in which there is none.
 */
export async function listenOnFile(server: Server, directory: string): Promise<SocketFile> {
  const path = join(directory, "egress.sock");
  const temporary = join(directory, `.e${process.pid}`);
  if (Buffer.byteLength(path) > maxSocketPath || Buffer.byteLength(temporary) > maxSocketPath) {
    throw new SocketFileError(`${path} is longer than the ${maxSocketPath} bytes of a socket's path`);
  }
  await refuseUnlessSocket(path);
  await refuseUnlessSocket(temporary);
  await unlink(temporary).catch(ignoreMissing);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path: temporary }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  await chmod(temporary, 0o770);
  const { ino } = await lstat(temporary);
  await rename(temporary, path);
  const isOurs = async () => (await lstat(path).catch(ignoreMissing))?.ino === ino;
  return {
    path,
    isOurs,
    async remove() {
      if (await isOurs()) await unlink(path).catch(ignoreMissing);
    },
  };
}

async function refuseUnlessSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(ignoreMissing);
  if (found !== undefined && !found.isSocket())
    throw new SocketFileError(`${path} is there and is not a socket`);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
