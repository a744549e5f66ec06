"use client";

import { AppError, maxFileBytes, type RouteDefinition, writeFile } from "@remote-claude/protocol";
import { useState } from "react";
import { messageOf } from "../../lib/errors.ts";
import { formatBytes } from "../../lib/format.ts";
import { toast } from "../../lib/toast.ts";
import { upload } from "../../lib/upload.ts";

/** Where files that come with a message lie in the workspace. */
const directory = "uploads";
const maxAtOnce = 20;

/** A name that says when it came, so that each picture of the clipboard (all are `image.png`) has its own. */
export function attachmentPath(name: string, now: Date, index: number): string {
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[.-]+/, "") || "file";
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${directory}/${stamp}${index === 0 ? "" : `-${index}`}-${safe.slice(-100)}`;
}

async function send(sessionId: string, file: File, path: string): Promise<void> {
  if (file.size > maxFileBytes)
    throw new AppError("too_large", `it is larger than ${formatBytes(maxFileBytes)}`);
  await upload(writeFile as unknown as RouteDefinition, file, {
    params: { sessionId, path },
    query: { upload: "1" },
    headers: { "content-type": "application/octet-stream", "if-none-match": "*" },
  });
}

/** Brings files into the workspace and attaches them to the message, each as soon as it is there. */
export function useAttachFiles(sessionId: string, attach: (attachment: { path: string }) => void) {
  const [uploading, setUploading] = useState(0);
  const add = async (files: readonly File[]) => {
    const now = new Date();
    if (files.length > maxAtOnce) toast.error(`At most ${maxAtOnce} files at once; the first are taken.`);
    const taken = files.slice(0, maxAtOnce);
    setUploading((count) => count + taken.length);
    for (const [index, file] of taken.entries()) {
      const path = attachmentPath(file.name, now, index);
      try {
        await send(sessionId, file, path);
        attach({ path });
      } catch (error) {
        toast.error(`${file.name} was not attached: ${messageOf(error)}`);
      } finally {
        setUploading((count) => count - 1);
      }
    }
  };
  return { uploading, add };
}
