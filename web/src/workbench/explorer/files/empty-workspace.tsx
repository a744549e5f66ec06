"use client";

import { FilePlusIcon, FolderUpIcon, SparklesIcon, UploadIcon } from "lucide-react";
import { Button } from "../../../components/ui/button.tsx";
import { focusPane } from "../../store.ts";
import type { ExplorerModel } from "../tree/use-explorer.ts";
import { useUploads } from "../upload/upload-context.ts";

/** In place of a tree without a line: what one can begin with. */
export function EmptyWorkspace({ model }: { model: ExplorerModel }) {
  const uploads = useUploads();
  if (!model.writable) {
    return <p className="px-4 py-6 text-center text-muted-foreground">The workspace is empty.</p>;
  }
  return (
    <div className="flex flex-col items-stretch gap-2 px-4 py-6">
      <p className="text-center font-medium">The workspace is empty</p>
      <p className="mb-2 text-center text-muted-foreground text-xs">
        Drop files or a folder here, clone a repository in the terminal, or begin with one of these.
      </p>
      <Button variant="primary" onClick={() => focusPane("claude")}>
        <SparklesIcon /> Ask Claude to begin
      </Button>
      <Button onClick={() => uploads.choose("files", "")}>
        <UploadIcon /> Upload files…
      </Button>
      <Button onClick={() => uploads.choose("folder", "")}>
        <FolderUpIcon /> Upload a folder…
      </Button>
      <Button onClick={() => model.startDraft("file", "")}>
        <FilePlusIcon /> New file…
      </Button>
    </div>
  );
}
