"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { loadFile } from "../../workbench/editor/file-content.ts";

/** An address of a picture of the workspace that this page can show; null while there is none (any more). */
export function useWorkspaceImage(sessionId: string, path: string): string | null {
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
    return () => {
      URL.revokeObjectURL(made);
      setUrl(null);
    };
  }, [data]);
  return url;
}
