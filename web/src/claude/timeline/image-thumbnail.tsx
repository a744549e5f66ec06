"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { loadFile } from "../../workbench/editor/file-content.ts";
import { openFile } from "../../workbench/store.ts";

/** Whether a path's name says that it is a picture which pages and Claude can look at. */
export function isImagePath(path: string): boolean {
  return /\.(png|jpe?g|gif|webp)$/i.test(path);
}

/** A picture of the workspace, small; nothing where it cannot be shown (any more). Opens it in the editor. */
export function ImageThumbnail({ sessionId, path }: { sessionId: string; path: string }) {
  const { data } = useQuery({
    queryKey: ["thumbnail", sessionId, path],
    queryFn: async () => {
      const content = await loadFile(sessionId, path);
      return content?.kind === "image" ? content.blob : null;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
  });
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!data) return;
    const made = URL.createObjectURL(data);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
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
