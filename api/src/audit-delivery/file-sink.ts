import { open } from "node:fs/promises";
import { type AuditRow, lineOf } from "../seals/index.ts";
import type { Sink } from "./sink.ts";

const lineEnd = 0x0a;

/**
 * Lines of JSON at the end of a file, on disk before they count as taken. The file is opened by its name for each
 * batch: one that was moved away (logrotate) is made anew, and needs no signal.
 */
export function fileSink({ path }: { readonly path: string }): Sink {
  return {
    name: "file",
    target: path,
    async take(rows: readonly AuditRow[]) {
      const file = await open(path, "a+", 0o640);
      try {
        const { size } = await file.stat();
        const whole = size === 0 || (await lastByte(file, size)) === lineEnd;
        // Whoever was killed in the midst of a line left it: the row comes again, on a line of its own.
        const text = `${whole ? "" : "\n"}${rows.map((row) => `${lineOf(row)}\n`).join("")}`;
        await file.appendFile(text);
        await file.datasync();
      } finally {
        await file.close();
      }
    },
  };
}

async function lastByte(file: Awaited<ReturnType<typeof open>>, size: number): Promise<number | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return bytesRead === 1 ? buffer[0] : undefined;
}
