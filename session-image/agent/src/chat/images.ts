import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";

/** As the model's interface takes them: 5 MB each in base64. */
const maxImageBytes = 3_700_000;
const maxImages = 20;

type MediaType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

/** A block of a message to Claude. */
export interface ImageBlock {
  readonly type: "image";
  readonly source: { readonly type: "base64"; readonly media_type: MediaType; readonly data: string };
}

/**
 * Of the files that go with a prompt, those that are pictures the model takes, as it takes them, by path. The
 * journal holds their paths alone. What is too large, or no picture whatever its name says, is left to Claude Code
 * as a mention.
 */
export function readImages(paths: readonly string[], workspace: string): Map<string, ImageBlock> {
  const images = new Map<string, ImageBlock>();
  for (const path of paths) {
    if (images.size >= maxImages) break;
    if (!/\.(png|jpe?g|gif|webp)$/i.test(path)) continue;
    const bytes = readInside(path, workspace);
    const mediaType = bytes && mediaTypeOf(bytes);
    if (bytes === null || !mediaType) continue;
    images.set(path, {
      type: "image",
      source: { type: "base64", media_type: mediaType, data: bytes.toString("base64") },
    });
  }
  return images;
}

/** A regular file of the workspace, links followed; null for anything else. */
function readInside(path: string, workspace: string): Buffer | null {
  try {
    const root = realpathSync(workspace);
    const real = realpathSync(join(root, path));
    if (!real.startsWith(root + sep)) return null;
    // A pipe must not be waited for.
    const fd = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      return stats.isFile() && stats.size <= maxImageBytes ? readFileSync(fd) : null;
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}

/** By what it begins with: a name may say anything. */
function mediaTypeOf(bytes: Buffer): MediaType | null {
  const head = bytes.toString("latin1", 0, 12);
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "image/gif";
  return head.startsWith("RIFF") && head.endsWith("WEBP") ? "image/webp" : null;
}
