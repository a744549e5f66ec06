"use client";

import { readFile } from "@remote-claude/protocol";
import { CircleAlertIcon, DownloadIcon, FileIcon, LoaderCircleIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../../components/ui/button.tsx";
import { urlOf } from "../../lib/api.ts";
import { formatBytes } from "../../lib/format.ts";
import type { EditorSession } from "./editor-session.ts";
import type { DocumentView } from "./editor-store.ts";

function Page({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div className="absolute inset-0 z-10 flex flex-col items-center justify-center gap-3 bg-background p-4 text-center text-muted-foreground">
      {icon}
      {children}
    </div>
  );
}

function Download({ editor, path }: { editor: EditorSession; path: string }) {
  return (
    <Button asChild>
      <a href={urlOf(readFile, { sessionId: editor.sessionId, path }, { download: "1" })} download>
        <DownloadIcon /> Download
      </a>
    </Button>
  );
}

function Picture({ path, url, size }: { path: string; url: string; size: number }) {
  return (
    <div className="absolute inset-0 z-10 flex flex-col bg-background">
      <div className="min-h-0 flex-1 overflow-auto bg-[repeating-conic-gradient(var(--muted)_0_25%,transparent_0_50%)] bg-[length:16px_16px] p-4">
        {/* biome-ignore lint/performance/noImgElement: a blob of this page, nothing to optimise */}
        <img src={url} alt={path} className="m-auto max-h-full max-w-full object-contain" />
      </div>
      <p className="border-t px-3 py-1 text-muted-foreground text-xs">{formatBytes(size)}</p>
    </div>
  );
}

/** What stands in the editor's place for a file that is no text, too large, not there, or not there yet. */
export function FileNotice({
  editor,
  path,
  view,
  writable,
}: {
  editor: EditorSession;
  path: string;
  view: Exclude<DocumentView, { kind: "text" }>;
  writable: boolean;
}) {
  switch (view.kind) {
    case "loading":
      return (
        <Page icon={<LoaderCircleIcon className="size-6 animate-spin opacity-60" aria-hidden />}>
          <span role="status" className="sr-only">
            Opening {path}
          </span>
        </Page>
      );
    case "image":
      return <Picture path={path} url={view.url} size={view.size} />;
    case "binary":
      return (
        <Page icon={<FileIcon className="size-8 opacity-50" aria-hidden />}>
          <p>This is a binary file of {formatBytes(view.size)}; it cannot be shown as text.</p>
          <Download editor={editor} path={path} />
        </Page>
      );
    case "large":
      return (
        <Page icon={<FileIcon className="size-8 opacity-50" aria-hidden />}>
          <p>
            This file is {formatBytes(view.size)} large
            {view.refused ? ", too large for the editor." : ". Opening it may slow your browser down."}
          </p>
          <div className="flex gap-2">
            {!view.refused && (
              <Button variant="primary" onClick={() => void editor.documents.load(path, true)}>
                {writable ? "Open anyway" : "Show anyway"}
              </Button>
            )}
            <Download editor={editor} path={path} />
          </div>
        </Page>
      );
    case "error":
      return (
        <Page icon={<CircleAlertIcon className="size-8 text-destructive" aria-hidden />}>
          <p role="alert">{view.message}</p>
          <Button onClick={() => void editor.documents.load(path)}>Try again</Button>
        </Page>
      );
  }
}
