import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError } from "@remote-claude/protocol";
import type { Response } from "express";

/** Headers of bytes that are somebody's: no browser may render them as a page of ours. */
export function describeDownload(response: Response, name: string): void {
  // encodeURIComponent leaves some characters alone that RFC 8187 wants encoded.
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  response.set({
    "Content-Type": "application/octet-stream",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox",
    "Content-Disposition": `attachment; filename*=UTF-8''${encoded}`,
    "Cache-Control": "private, no-cache",
  });
}

/** Streams the body. A client that goes away ends it, and that is no error; a body that breaks off is one. */
export async function sendBody(response: Response, body: Readable): Promise<void> {
  try {
    await pipeline(body, response);
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_STREAM_PREMATURE_CLOSE") return;
    if (error instanceof AppError) throw error;
    throw new AppError("unavailable", "The transfer broke off.", { cause: error });
  }
}
