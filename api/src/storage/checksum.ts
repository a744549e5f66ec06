import { createHash } from "node:crypto";
import { Transform } from "node:stream";
import { AppError } from "@remote-claude/protocol";

/** What went through, counted and hashed. Complete when the stream has ended. */
export interface Measured {
  sizeBytes: number;
  sha256: string;
}

/** Passes bytes on, counts and hashes them, and refuses with `too_large` beyond the limit. */
export function measure(maxBytes = Number.POSITIVE_INFINITY): { stream: Transform; measured: Measured } {
  const hash = createHash("sha256");
  const measured: Measured = { sizeBytes: 0, sha256: "" };
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      measured.sizeBytes += chunk.length;
      hash.update(chunk);
      if (measured.sizeBytes <= maxBytes) done(null, chunk);
      else done(new AppError("too_large", `At most ${maxBytes} bytes are kept here.`));
    },
    flush(done) {
      measured.sha256 = hash.digest("hex");
      done();
    },
  });
  return { stream, measured };
}

/** Passes bytes on and errors at the end when they are not those that were stored. */
export function verify(expected: Measured): Transform {
  const hash = createHash("sha256");
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const same = hash.digest("hex") === expected.sha256;
      done(
        same
          ? null
          : new AppError("internal", "What is stored is not what was stored: its checksum differs."),
      );
    },
  });
}

/** Refuses with `bad_request` when the content is not what the caller said it is. */
export function assertSha256(measured: Measured, expected: string | undefined): void {
  if (expected === undefined || expected === measured.sha256) return;
  throw new AppError("bad_request", "The content does not have the checksum that came with it.");
}
