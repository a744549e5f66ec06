import { AppError, type Payload } from "@remote-claude/protocol";
import { removeEntry, writeContent } from "../files/content.ts";
import { openFile, type WorkspaceRoot } from "../files/workspace-root.ts";
import { etagOfVersion, readCurrent, type Version } from "./sides.ts";

type Request = Payload<"changes.revert">;
type Hunk = NonNullable<Request["hunk"]>;

/**
 * Puts back what was: a hunk, or the whole file. Both sides must be the very ones that the person looked at; the
 * file is replaced in one step, and only if it still is that version then.
 */
export async function revert(root: WorkspaceRoot, request: Request, original: Version): Promise<void> {
  const current = await readCurrent(root, request.path);
  assertSame(original, request.originalEtag, "what it is compared with");
  assertSame(current, request.currentEtag, "the file");
  if (request.hunk !== null) return revertHunk(root, request.path, request.hunk, original, current);
  await putBack(root, request.from ?? request.path, original, request.from === null ? current : null);
  if (request.from !== null) await removeCurrent(root, request.path, current);
}

function assertSame(version: Version, etag: string | null, what: string): void {
  if (version.kind === "large" || version.kind === "other")
    throw new AppError("bad_request", `${what} cannot be put back here: use git`);
  if (etagOfVersion(version) !== etag)
    throw new AppError("precondition_failed", `${what} has changed meanwhile: look at it again`);
}

async function revertHunk(
  root: WorkspaceRoot,
  path: string,
  hunk: Hunk,
  original: Version,
  current: Version,
): Promise<void> {
  if (original.kind !== "bytes" || current.kind !== "bytes")
    throw new AppError("bad_request", "a part can only be put back into a file that is there");
  const bytes = spliceLines(original.bytes, current.bytes, hunk);
  await writeContent(root, path, one(bytes), { ifMatch: etagOfVersion(current) ?? "*" });
}

/** The lines of `current` with those of the hunk replaced by the original's, byte for byte. */
export function spliceLines(original: Buffer, current: Buffer, hunk: Hunk): Buffer {
  const [old, now] = [linesOf(original), linesOf(current)];
  const end = hunk.current.start + hunk.current.count;
  if (end > now.length || hunk.original.start + hunk.original.count > old.length)
    throw new AppError("bad_request", "the file has no such lines");
  const middle = old.slice(hunk.original.start, hunk.original.start + hunk.original.count);
  const [head, tail] = [now.slice(0, hunk.current.start), now.slice(end)];
  return Buffer.concat(joined([...head, ...middle, ...tail]));
}

/** A last line without its end may come to stand before others. */
function joined(lines: Buffer[]): Buffer[] {
  const crlf = lines.some((line) => line.length > 1 && line.at(-2) === 13 && line.at(-1) === 10);
  const newline = Buffer.from(crlf ? "\r\n" : "\n");
  return lines.flatMap((line, index) =>
    index < lines.length - 1 && line.at(-1) !== 10 ? [line, newline] : [line],
  );
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(10, start);
    const end = found === -1 ? bytes.length : found + 1;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}

async function putBack(
  root: WorkspaceRoot,
  path: string,
  original: Version,
  current: Version | null,
): Promise<void> {
  if (original.kind === "missing") return current === null ? undefined : removeCurrent(root, path, current);
  if (original.kind !== "bytes") return;
  const condition =
    current?.kind === "bytes" ? { ifMatch: etagOfVersion(current) ?? "*" } : { ifNoneMatch: "*" };
  await writeContent(root, path, one(original.bytes), condition);
  // A file that is replaced keeps its mode.
  if (original.executable && current?.kind !== "bytes") await makeExecutable(root, path);
}

async function makeExecutable(root: WorkspaceRoot, path: string): Promise<void> {
  await root.withTarget(path, async ({ directory, name }) => {
    const handle = await openFile(directory.at(name));
    try {
      const { mode } = await handle.stat();
      await handle.chmod((mode & 0o777) | 0o111);
    } finally {
      await handle.close();
    }
  });
}

async function removeCurrent(root: WorkspaceRoot, path: string, current: Version): Promise<void> {
  if (current.kind === "bytes") await removeEntry(root, path, etagOfVersion(current) ?? undefined);
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
