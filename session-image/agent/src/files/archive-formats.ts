import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { AppError } from "@remote-claude/protocol";
import type { Entry as ZipEntry, ZipFile } from "yauzl";
import type { ArchiveEntry } from "./archive-plan.ts";

/** An entry that is being unpacked: its bytes must be read before the next one comes. */
export interface OpenEntry extends ArchiveEntry {
  /** Permission bits. */
  readonly mode: number;
  content(): Promise<AsyncIterable<Uint8Array>>;
}

/** A format: reads through an archive from front to back, one entry at a time. */
export type ReadArchive = (path: string, visit: (entry: OpenEntry) => Promise<void>) => Promise<void>;

const damaged = "the archive is damaged, or is no .zip or .tar.gz";

/** The reader for what the file's first bytes say it is. */
export async function formatOf(path: string): Promise<ReadArchive> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const magic = buffer.subarray(0, bytesRead).toString("hex");
    if (magic.startsWith("1f8b")) return readTar;
    if (magic === "504b0304" || magic === "504b0506") return readZip;
    throw new AppError("bad_request", damaged);
  } finally {
    await handle.close();
  }
}

function asDamaged(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const reason = error instanceof Error ? error.message : "unreadable";
  return new AppError("bad_request", `${damaged} (${reason.slice(0, 200)})`, { cause: error });
}

/** What goes wrong while an entry is unpacked is the archive's fault, not ours. */
async function* guarded(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    throw asDamaged(error);
  }
}

const tarTypes: Record<string, ArchiveEntry["type"]> = {
  File: "file",
  OldFile: "file",
  ContiguousFile: "file",
  Directory: "directory",
  GNUDumpDir: "directory",
  SymbolicLink: "symlink",
};

const readTar: ReadArchive = async (path, visit) => {
  const { Parser } = await import("tar");
  const { createReadStream } = await import("node:fs");
  let failure: unknown = null;
  let turn = Promise.resolve();
  const file = createReadStream(path);
  const fail = (error: unknown) => {
    failure ??= error;
    file.destroy();
  };
  const parser = new Parser({
    strict: true,
    maxMetaEntrySize: 1024 * 1024,
    onReadEntry: (entry) => {
      const opened: OpenEntry = {
        name: String(entry.path),
        type: tarTypes[entry.type] ?? null,
        size: entry.size ?? 0,
        target: entry.linkpath,
        mode: entry.mode ?? 0o644,
        content: async () => guarded(entry as unknown as AsyncIterable<Uint8Array>),
      };
      turn = turn
        .then(() => (failure === null ? visit(opened) : undefined))
        .catch(fail)
        .finally(() => entry.resume());
    },
  });
  parser.on("ignoredEntry", ({ path: name }: { path: unknown }) =>
    fail(
      new AppError("bad_request", `the archive was refused: ${JSON.stringify(name)} is of an unknown kind`),
    ),
  );
  await pipeline(file, parser as unknown as NodeJS.WritableStream).catch((error: unknown) => {
    failure ??= asDamaged(error);
  });
  await turn;
  if (failure !== null) throw failure;
};

const readZip: ReadArchive = async (path, visit) => {
  const zip = await openZip(path);
  try {
    await new Promise<void>((resolve, reject) => {
      zip.on("error", (error: unknown) => reject(asDamaged(error)));
      zip.on("end", resolve);
      zip.on("entry", (entry: ZipEntry) => {
        readZipEntry(zip, entry, visit).then(() => zip.readEntry(), reject);
      });
      zip.readEntry();
    });
  } finally {
    zip.close();
  }
};

async function openZip(path: string): Promise<ZipFile> {
  const { default: yauzl } = await import("yauzl");
  return new Promise((resolve, reject) => {
    // Validation is the plan's, for both formats alike; yauzl still checks sizes as it inflates.
    yauzl.open(path, { lazyEntries: true, autoClose: false, strictFileNames: true }, (error, zip) => {
      if (error === null || error === undefined) resolve(zip);
      else reject(asDamaged(error));
    });
  });
}

async function readZipEntry(
  zip: ZipFile,
  entry: ZipEntry,
  visit: (entry: OpenEntry) => Promise<void>,
): Promise<void> {
  if (entry.isEncrypted()) throw new AppError("bad_request", "the archive is encrypted");
  const madeOnUnix = entry.versionMadeBy >> 8 === 3;
  const mode = madeOnUnix ? entry.externalFileAttributes >>> 16 : 0;
  const type = zipType(entry.fileName, mode & 0o170000);
  const content = () =>
    new Promise<AsyncIterable<Uint8Array>>((resolve, reject) => {
      zip.openReadStream(entry, (error, stream) => {
        if (error === null || error === undefined) resolve(guarded(stream));
        else reject(asDamaged(error));
      });
    });
  const target = type === "symlink" ? await smallText(entry, content) : undefined;
  await visit({
    name: entry.fileName,
    type,
    size: type === "file" ? entry.uncompressedSize : 0,
    target,
    mode: mode & 0o777 || 0o644,
    content,
  });
}

function zipType(name: string, kind: number): ArchiveEntry["type"] {
  if (name.endsWith("/") || kind === 0o040000) return "directory";
  if (kind === 0o120000) return "symlink";
  return kind === 0 || kind === 0o100000 ? "file" : null;
}

async function smallText(entry: ZipEntry, content: OpenEntry["content"]): Promise<string> {
  if (entry.uncompressedSize > 4096) throw new AppError("bad_request", "the archive has an overlong link");
  const chunks: Uint8Array[] = [];
  for await (const chunk of await content()) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
