import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { AppError, type TransferDone } from "@remote-claude/protocol";
import { errorCode } from "../lib/system-errors.ts";
import { type OpenDirectory, openFile, type WorkspaceRoot } from "./workspace-root.ts";

/** Names of the agent's own temporary files; the watcher and the listings of others' tools see them but briefly. */
export const temporaryPrefix = ".remote-claude-";

export interface Precondition {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

const chunkBytes = 256 * 1024;

/** The bytes of an open file from its beginning. */
export async function* bytesOf(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

export async function etagOf(handle: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of bytesOf(handle)) hash.update(chunk);
  return `"${hash.digest("hex")}"`;
}

/** null when there is no such file. */
async function findEtag(directory: OpenDirectory, name: string): Promise<string | null> {
  try {
    const handle = await openFile(directory.at(name));
    try {
      return await etagOf(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** Throws `precondition_failed` with the current ETag when the file is not as the writer believes. */
async function check({ ifMatch, ifNoneMatch }: Precondition, directory: OpenDirectory, name: string) {
  if (ifMatch === undefined && ifNoneMatch === undefined) return;
  const etag = await findEtag(directory, name);
  const fits = ifMatch === undefined || (ifMatch === "*" ? etag !== null : etag === ifMatch);
  if (fits && (ifNoneMatch === undefined || etag === null)) return;
  const message = etag === null ? "the file is gone" : "the file has changed, or exists already";
  throw new AppError("precondition_failed", message, { details: { etag } });
}

/** For an early refusal; the check that counts is made when the new content takes its place. */
export async function checkPrecondition(
  root: WorkspaceRoot,
  path: string,
  condition: Precondition,
): Promise<void> {
  try {
    await root.withTarget(path, ({ directory, name }) => check(condition, directory, name));
  } catch (error) {
    const missing = errorCode(error) === "ENOENT";
    if (!missing) throw error;
    if (condition.ifMatch !== undefined)
      throw new AppError("precondition_failed", "the file is gone", { details: { etag: null } });
  }
}

const writing = new Map<string, Promise<unknown>>();

/** Writers of one file take turns from check to rename, so of two who saw the same version only one succeeds. */
async function inTurn<T>(key: string, run: () => Promise<T>): Promise<T> {
  const before = writing.get(key) ?? Promise.resolve();
  const result = before.then(run, run);
  const settled = result.catch(() => undefined);
  writing.set(key, settled);
  try {
    return await result;
  } finally {
    if (writing.get(key) === settled) writing.delete(key);
  }
}

/**
 * Replaces or makes a file: its content goes to a temporary file beside it, which takes its place in one step. The
 * mode of a file that was there stays.
 */
export async function writeContent(
  root: WorkspaceRoot,
  path: string,
  content: AsyncIterable<Uint8Array>,
  options: Precondition & { maxBytes?: number | undefined },
): Promise<TransferDone> {
  const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  if (parent !== "") await root.ensureDirectory(parent);
  return root.withTarget(path, async ({ directory, name }) => {
    const temporary = temporaryPrefix + randomBytes(9).toString("base64url");
    try {
      const written = await spool(directory.at(temporary), content, options.maxBytes);
      return await inTurn(`${directory.real}/${name}`, async () => {
        const created = await takePlace(directory, temporary, name, options);
        return { ...written, created };
      });
    } catch (error) {
      await rm(directory.at(temporary), { force: true });
      throw error;
    }
  });
}

/** Removes an entry and all in it; with `ifMatch` only that version of a file, taking turns with its writers. */
export function removeEntry(root: WorkspaceRoot, path: string, ifMatch: string | undefined): Promise<void> {
  return root.withEntry(path, ({ directory, name }) =>
    inTurn(`${directory.real}/${name}`, async () => {
      await check({ ifMatch }, directory, name);
      await rm(directory.at(name), { recursive: true });
    }),
  );
}

/** Writes a new file from a stream; `too_large` as soon as it is. */
export async function spool(
  path: string,
  content: AsyncIterable<Uint8Array>,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<{ size: number; etag: string }> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
  const hash = createHash("sha256");
  let size = 0;
  try {
    for await (const chunk of content) {
      size += chunk.length;
      if (size > maxBytes) throw new AppError("too_large", `more than ${maxBytes} bytes`);
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  return { size, etag: `"${hash.digest("hex")}"` };
}

async function takePlace(
  directory: OpenDirectory,
  temporary: string,
  name: string,
  condition: Precondition,
): Promise<boolean> {
  const existing = await openFile(directory.at(name)).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  });
  if (existing !== null) {
    const { mode } = await existing.stat().finally(() => existing.close());
    const handle = await open(directory.at(temporary), constants.O_WRONLY | constants.O_NOFOLLOW);
    await handle.chmod(mode & 0o777).finally(() => handle.close());
  }
  await check(condition, directory, name);
  await rename(directory.at(temporary), directory.at(name));
  return existing === null;
}
