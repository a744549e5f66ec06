import { createHash } from "node:crypto";
import { lstat, readlink } from "node:fs/promises";
import type { ChangeSide } from "@remote-claude/protocol";
import { bytesOf } from "../files/content.ts";
import { openFile, type WorkspaceRoot } from "../files/workspace-root.ts";
import { errorCode } from "../lib/system-errors.ts";

/** What is shown; two of these and their frame stay below what a frame may hold. */
const maxShownBytes = 1024 * 1024;
const maxEncodedLength = 1_900_000;
/** What is read to be put back. */
export const maxKeptBytes = 32 * 1024 * 1024;

/** A version of a file: its bytes, or why there are none. */
export type Version =
  | { readonly kind: "missing" }
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly executable: boolean }
  | { readonly kind: "large"; readonly size: number }
  | { readonly kind: "other"; readonly what: string };

export const missing: Version = { kind: "missing" };

export const etagOfBytes = (bytes: Uint8Array) => `"${createHash("sha256").update(bytes).digest("hex")}"`;

/** null for what cannot be told by its bytes. */
export function etagOfVersion(version: Version): string | null {
  return version.kind === "bytes" ? etagOfBytes(version.bytes) : null;
}

/** The text, if it is UTF-8 without NUL characters; as it is, its byte order mark and line ends included. */
export function textOf(bytes: Buffer): string | null {
  if (bytes.subarray(0, 8192).includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** As it is sent to be looked at. */
export function toSide(version: Version): ChangeSide {
  if (version.kind !== "bytes") return version;
  const { bytes } = version;
  const text = textOf(bytes);
  if (text === null) return { kind: "binary", size: bytes.length, etag: etagOfBytes(bytes) };
  const fits = bytes.length <= maxShownBytes && JSON.stringify(text).length <= maxEncodedLength;
  return fits ? { kind: "text", text, etag: etagOfBytes(bytes) } : { kind: "large", size: bytes.length };
}

/** What the workspace holds at this path now; a link is not followed. */
export async function readCurrent(root: WorkspaceRoot, path: string): Promise<Version> {
  try {
    return await root.withEntry(path, async ({ directory, name }) => {
      const stats = await lstat(directory.at(name));
      if (stats.isSymbolicLink())
        return { kind: "other", what: `a link to ${(await readlink(directory.at(name))).slice(0, 4100)}` };
      if (!stats.isFile()) return { kind: "other", what: stats.isDirectory() ? "a directory" : "no file" };
      if (stats.size > maxKeptBytes) return { kind: "large", size: stats.size };
      return await readBytes(directory.at(name));
    });
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return missing;
    throw error;
  }
}

async function readBytes(path: string): Promise<Version> {
  const handle = await openFile(path);
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of bytesOf(handle)) {
      chunks.push(chunk);
      size += chunk.length;
      // It grows while it is read.
      if (size > maxKeptBytes) return { kind: "large", size };
    }
    const { mode } = await handle.stat();
    return { kind: "bytes", bytes: Buffer.concat(chunks), executable: (mode & 0o100) !== 0 };
  } finally {
    await handle.close();
  }
}
