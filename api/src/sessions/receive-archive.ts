import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { newId } from "@remote-claude/prisma";
import { AppError, CreateSession, maxArchiveBytes, parseOrRefuse } from "@remote-claude/protocol";
import busboy from "busboy";
import type { Context } from "../context.ts";
import { forgetArchive } from "./launch.ts";

export interface ReceivedForm {
  readonly input: CreateSession;
  /** Where the archive waits in storage; null when none was sent. */
  readonly archiveKey: string | null;
}

const malformed = () => new AppError("bad_request", "The multipart body is malformed.");

/**
 * Reads the form that makes a session: the fields of the JSON body, and `archive`, streamed into storage. When it
 * throws, nothing of it is left there.
 */
export async function receiveForm(context: Context, request: IncomingMessage): Promise<ReceivedForm> {
  let stored: Promise<string> | null = null;
  try {
    const fields = await readForm(request, (archive) => {
      stored = storeArchive(context, archive);
      return stored;
    });
    return { input: parseOrRefuse(CreateSession, fields, "the form"), archiveKey: await stored };
  } catch (error) {
    // What is still being written ends with the request's stream; only then is it known whether it must go.
    const key = await (stored as Promise<string> | null)?.catch(() => null);
    if (key != null) await forgetArchive(context, key);
    throw error;
  }
}

async function storeArchive(context: Context, archive: Readable): Promise<string> {
  const key = `uploads/${newId()}`;
  await context.storage.put(key, Readable.from(checked(archive)), {
    contentType: "application/octet-stream",
    maxBytes: maxArchiveBytes,
  });
  return key;
}

/** The archive's bytes, unless the first of them say that it is none. */
async function* checked(archive: Readable): AsyncGenerator<Buffer> {
  let empty = true;
  for await (const chunk of archive as AsyncIterable<Buffer>) {
    if (empty && !looksLikeArchive(chunk)) {
      throw new AppError("bad_request", "archive: neither a .zip nor a .tar.gz file.");
    }
    empty = false;
    yield chunk;
  }
  if (empty) throw new AppError("bad_request", "archive: the file is empty.");
}

/** By the first bytes: gzip, or zip (also an empty one). The agent checks the rest when it unpacks. */
function looksLikeArchive(bytes: Buffer): boolean {
  const signature = bytes.subarray(0, 4).toString("latin1");
  return signature.startsWith("\x1f\x8b") || signature === "PK\x03\x04" || signature === "PK\x05\x06";
}

/** The form's fields by name. `take` is called with the archive's stream and ends when it is stored. */
function readForm(
  request: IncomingMessage,
  take: (archive: Readable) => Promise<unknown>,
): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    let parser: busboy.Busboy;
    try {
      const limits = { files: 1, fields: 10, fieldSize: 16_384, fileSize: maxArchiveBytes + 1 };
      parser = busboy({ headers: request.headers, limits });
    } catch {
      reject(malformed());
      return;
    }
    const fields: Record<string, string> = Object.create(null);
    let taken: Promise<unknown> = Promise.resolve();
    const fail = (error: unknown) => {
      request.unpipe(parser);
      request.resume();
      parser.destroy();
      reject(error instanceof AppError ? error : malformed());
    };
    parser.on("field", (name, value, { valueTruncated }) => {
      if (valueTruncated) fail(new AppError("bad_request", `${name.slice(0, 100)}: too long.`));
      else if (name in fields) fail(new AppError("bad_request", `${name.slice(0, 100)}: given twice.`));
      else fields[name] = value;
    });
    parser.on("file", (name, stream) => {
      stream.on("error", () => {});
      if (name !== "archive") {
        fail(new AppError("bad_request", `${name.slice(0, 100)}: only \`archive\` may be a file.`));
        return;
      }
      taken = take(stream);
      taken.catch(fail);
    });
    parser.on("filesLimit", () => fail(new AppError("bad_request", "Only one archive at once.")));
    parser.on("fieldsLimit", () => fail(new AppError("bad_request", "Too many fields.")));
    parser.on("error", () => fail(malformed()));
    parser.on("close", () => taken.then(() => resolve({ ...fields }), fail));
    request.once("aborted", () => fail(new AppError("bad_request", "The upload broke off.")));
    request.pipe(parser);
  });
}
