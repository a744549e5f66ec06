import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Failure } from "./failure.ts";

/** A unix socket's path holds 107 bytes; "/<place: 12>/out/agent.sock" takes 28 of them, a name beside it a few more. */
const longestRunDirectory = 107 - 28 - 6;

/**
 * The directory of the places' sockets: in the data directory where its path is short enough, else a private one
 * whose name is always the same for the same data directory, so that a later start finds the sockets again.
 */
export function ensureRunDirectory(
  dataDir: string,
  shortParents: readonly string[] = [tmpdir(), "/tmp"],
  runtimeDir?: string,
): string {
  const own = join(dataDir, "run");
  if (Buffer.byteLength(own) <= longestRunDirectory) {
    mkdirSync(own, { recursive: true, mode: 0o700 });
    return own;
  }
  const { uid } = userInfo();
  const name = `remote-claude-${uid}-${createHash("sha256").update(dataDir).digest("hex").slice(0, 10)}`;
  const parents = runtimeDir === undefined ? shortParents : [runtimeDir, ...shortParents];
  for (const parent of parents) {
    const path = join(parent, name);
    if (Buffer.byteLength(path) <= longestRunDirectory && makePrivate(path, uid)) return path;
  }
  throw new Failure(
    `No directory is short enough for unix sockets (at most ${longestRunDirectory} bytes): ${own} is too long`,
    "Set REMOTE_CLAUDE_DATA_DIR to a shorter path.",
  );
}

/** In a directory that all may write, a name that others can guess must be ours alone before it is used. */
function makePrivate(path: string, uid: number): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") return false;
  }
  const stats = lstatSync(path);
  if (stats.isDirectory() && stats.uid === uid && (stats.mode & 0o022) === 0) return true;
  throw new Failure(
    `${path} exists, but is not a private directory of this user`,
    "Someone else made it: remove it, or set REMOTE_CLAUDE_DATA_DIR to a shorter path.",
  );
}
