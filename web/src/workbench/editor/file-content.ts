import { readFile, writeFile } from "@remote-claude/protocol";
import { request } from "../../lib/api.ts";

export const askAboveBytes = 5_000_000;
export const refuseAboveBytes = 50_000_000;

const imageTypes: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  bmp: "image/bmp",
  ico: "image/x-icon",
  svg: "image/svg+xml",
};

/** A file as the editor can show it. */
export type FileContent =
  | { kind: "text"; text: string; etag: string; valid: boolean }
  | { kind: "image"; blob: Blob; etag: string }
  | { kind: "binary"; size: number; etag: string }
  | { kind: "large"; size: number; refused: boolean };

/** What a name's end says an image is. SVG is text that can be looked at: it opens as text. */
export function imageType(path: string): string | null {
  const end = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? "";
  return imageTypes[end] ?? null;
}

export function isSvg(path: string): boolean {
  return imageType(path) === "image/svg+xml";
}

/** Text as it is, its byte order mark included; what is not UTF-8 is shown as well as it can be. */
function decode(bytes: Uint8Array): { text: string; valid: boolean } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), valid: true };
  } catch {
    return { text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), valid: false };
  }
}

/** Sorts bytes into what can be edited and what cannot. */
export function contentOf(path: string, bytes: Uint8Array<ArrayBuffer>, etag: string): FileContent {
  const type = imageType(path);
  if (type !== null && !isSvg(path)) return { kind: "image", blob: new Blob([bytes], { type }), etag };
  if (bytes.subarray(0, 8192).includes(0)) return { kind: "binary", size: bytes.length, etag };
  return { kind: "text", ...decode(bytes), etag };
}

/**
 * Reads a file, unless it still is the version one has (null). A file too large for the editor is not fetched
 * before someone has said that it should be.
 */
export async function loadFile(
  sessionId: string,
  path: string,
  { etag, large = false }: { etag?: string | null; large?: boolean } = {},
): Promise<FileContent | null> {
  const abort = new AbortController();
  const response = await request(readFile, {
    params: { sessionId, path },
    headers: etag ? { "If-None-Match": etag } : {},
    signal: abort.signal,
  });
  if (response.status === 304) return null;
  const size = Number(response.headers.get("content-length") ?? 0);
  if (size > refuseAboveBytes || (size > askAboveBytes && !large)) {
    abort.abort();
    return { kind: "large", size, refused: size > refuseAboveBytes };
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  return contentOf(path, bytes, response.headers.get("etag") ?? "");
}

/** Writes a file under a condition and gives the new version. */
export async function saveFile(
  sessionId: string,
  path: string,
  text: string,
  condition: Record<string, string>,
): Promise<string> {
  const response = await request(writeFile, {
    params: { sessionId, path },
    headers: { "content-type": "application/octet-stream", ...condition },
    content: text,
  });
  const done = (await response.json()) as { etag?: string };
  return done.etag ?? response.headers.get("etag") ?? "";
}
