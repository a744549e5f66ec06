"use client";

import { openFile } from "../../workbench/store.ts";
import { useWorkspaceImage } from "./use-workspace-image.ts";

/** Whether a path's name says that it is a picture which pages and Claude can look at. */
export function isImagePath(path: string): boolean {
  return /\.(png|jpe?g|gif|webp)$/i.test(path);
}

/** A picture of the workspace, small; nothing where it cannot be shown (any more). Opens it in the editor. */
export function ImageThumbnail({ sessionId, path }: { sessionId: string; path: string }) {
  const url = useWorkspaceImage(sessionId, path);
  if (url === null) return null;
  return (
    <button
      type="button"
      aria-label={`Open ${path}`}
      onClick={() => openFile(path)}
      className="overflow-hidden rounded-md border bg-surface focus-visible:outline-2 focus-visible:outline-ring"
    >
      {/* biome-ignore lint/performance/noImgElement: a blob of the session's own file */}
      <img src={url} alt="" className="h-16 max-w-40 object-cover" />
    </button>
  );
}
