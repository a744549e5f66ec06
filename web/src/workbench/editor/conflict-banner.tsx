"use client";

import { FileWarningIcon } from "lucide-react";
import { useStore } from "zustand";
import { Button } from "../../components/ui/button.tsx";
import type { EditorSession } from "./editor-session.ts";

/** Edited here, changed there: says so, and offers every way on. Nothing is written before one is taken. */
export function ConflictBanner({ editor, path }: { editor: EditorSession; path: string }) {
  const document = useStore(editor.store, ({ documents }) => documents[path]);
  const comparing = useStore(editor.store, (state) => state.comparing?.path === path);
  if (document === undefined || document.view.kind !== "text") return null;
  const { conflict, deleted, dirty } = document.state;
  if (document.view.readOnly !== null) return <Bar tone="quiet">{document.view.readOnly}</Bar>;
  if (deleted) {
    return (
      <Bar tone="warning">
        <span className="mr-auto">This file has been deleted.{dirty && " Your edits are still here."}</span>
        <Button size="sm" className="h-6" onClick={() => void editor.documents.save(path)}>
          Save it again
        </Button>
      </Bar>
    );
  }
  if (conflict === "none") return null;
  return (
    <Bar tone="warning">
      <span className="mr-auto">
        {conflict === "refused"
          ? "Not saved: the file has been changed on disk since you opened it."
          : "This file has been changed on disk while you edited it."}
      </span>
      {!comparing && (
        <Button size="sm" className="h-6" onClick={() => void editor.compare(path)}>
          Compare
        </Button>
      )}
      <Button size="sm" className="h-6" onClick={() => void editor.documents.takeTheirs(path)}>
        {conflict === "refused" ? "Take theirs" : "Reload"}
      </Button>
      {conflict === "refused" ? (
        <Button size="sm" className="h-6" onClick={() => void editor.documents.overwrite(path)}>
          Overwrite
        </Button>
      ) : (
        <Button size="sm" className="h-6" onClick={() => editor.documents.keepMine(path)}>
          Keep mine
        </Button>
      )}
    </Bar>
  );
}

function Bar({ tone, children }: { tone: "warning" | "quiet"; children: React.ReactNode }) {
  return (
    <div
      role={tone === "warning" ? "alert" : "status"}
      className={
        tone === "warning"
          ? "flex shrink-0 flex-wrap items-center gap-1.5 border-b bg-warning-soft px-3 py-1.5 text-warning text-xs"
          : "flex shrink-0 items-center gap-1.5 border-b bg-muted px-3 py-1.5 text-muted-foreground text-xs"
      }
    >
      <FileWarningIcon className="size-4 shrink-0" aria-hidden />
      {children}
    </div>
  );
}
