import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { AppError, maxFileBytes } from "@remote-claude/protocol";
import busboy from "busboy";

const maxFiles = 1000;

/**
 * Takes the files of a multipart body one after the other, each as a stream. Whatever `take` throws ends the
 * upload; so does a body that is cut off.
 */
export function receiveFiles<Taken>(
  request: IncomingMessage,
  take: (name: string, body: Readable) => Promise<Taken>,
): Promise<Taken[]> {
  return new Promise((resolve, reject) => {
    let parser: busboy.Busboy;
    try {
      // One byte more than a file may have: whoever takes it sees that it is too large, instead of a cut one.
      const limits = { files: maxFiles, fileSize: maxFileBytes + 1, fields: 100, parts: maxFiles + 100 };
      parser = busboy({ headers: request.headers, preservePath: true, defParamCharset: "utf8", limits });
    } catch {
      reject(new AppError("bad_request", "The body must be multipart/form-data."));
      return;
    }
    const taken: Promise<Taken>[] = [];
    let previous: Promise<unknown> = Promise.resolve();
    let refusal: AppError | null = null;
    const fail = (error: unknown) => {
      if (refusal !== null) return;
      refusal =
        error instanceof AppError ? error : new AppError("bad_request", "The multipart body is malformed.");
      reject(refusal);
      request.unpipe(parser);
      request.resume();
      // Ends the file that is being taken as well: nobody shall wait for the rest of it.
      parser.destroy(refusal);
    };
    parser.on("file", (_field, file, { filename }) => {
      // A file that waits for its turn has nobody else to hear that the body broke off.
      file.on("error", () => {});
      // A part's stream only flows when it is read, so the next file comes when this one is done.
      const done = previous.then(() => {
        // Nothing more is written for a client that was told of a failure.
        if (refusal !== null) throw refusal;
        if (filename === undefined || filename === "")
          throw new AppError("bad_request", "A file has no name.");
        return take(filename, file);
      });
      previous = done;
      done.catch((error: unknown) => {
        file.resume();
        fail(error);
      });
      taken.push(done);
    });
    parser.on("filesLimit", () => fail(new AppError("too_large", `At most ${maxFiles} files at once.`)));
    parser.on("error", fail);
    parser.on("close", () => Promise.all(taken).then(resolve, fail));
    request.on("close", () => {
      if (!request.complete) fail(new AppError("bad_request", "The upload broke off."));
    });
    request.pipe(parser);
  });
}
