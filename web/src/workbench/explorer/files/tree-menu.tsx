"use client";

import type { FileEntry } from "@remote-claude/protocol";
import { type ReactNode, type SyntheticEvent, useRef, useState } from "react";
import {
  ContextMenu,
  ContextMenuContent,
  ContextMenuItem,
  ContextMenuSeparator,
  ContextMenuShortcut,
  ContextMenuTrigger,
} from "../../../components/ui/context-menu.tsx";
import { copyText } from "../../../lib/copy-text.ts";
import { toast } from "../../../lib/toast.ts";
import { isMac } from "../../commands.ts";
import { openFile } from "../../store.ts";
import { nothingSelected, selectOne, targetsOf } from "../tree/selection.ts";
import type { ExplorerModel } from "../tree/use-explorer.ts";
import { useUploads } from "../upload/upload-context.ts";
import { downloadEntry } from "./file-actions.ts";

/** Where the workspace is inside a session, in every runtime. */
const workspaceRoot = "/workspace";

function copy(text: string): void {
  // After the menu has given the focus back, which the old way of copying needs.
  setTimeout(() => {
    void copyText(text).then((copied) => {
      if (!copied) toast.error("The browser does not allow copying here.");
    });
  });
}

interface ItemsProps {
  model: ExplorerModel;
  /** null: the empty room below the tree. */
  entry: FileEntry | null;
}

function MakeItems({ model, entry }: ItemsProps) {
  const uploads = useUploads();
  const directory = model.directoryOf(entry?.path ?? null);
  return (
    <>
      {/* Later: the menu gives the focus back first, and would take it from the field. */}
      <ContextMenuItem onSelect={() => setTimeout(() => model.startDraft("file", directory))}>
        New file…
      </ContextMenuItem>
      <ContextMenuItem onSelect={() => setTimeout(() => model.startDraft("directory", directory))}>
        New folder…
      </ContextMenuItem>
      <ContextMenuItem onSelect={() => uploads.choose("files", directory)}>Upload files…</ContextMenuItem>
    </>
  );
}

function EntryItems({ model, entry }: { model: ExplorerModel; entry: FileEntry }) {
  const { path, type } = entry;
  const { writable, selection } = model;
  const targets = targetsOf(selection, path);
  const lines = (prefix: string) => targets.map((target) => prefix + target).join("\n");
  return (
    <>
      {type === "file" && <ContextMenuItem onSelect={() => openFile(path)}>Open</ContextMenuItem>}
      {type === "file" && <ContextMenuSeparator />}
      {writable && <MakeItems model={model} entry={entry} />}
      {writable && <ContextMenuSeparator />}
      <ContextMenuItem onSelect={() => copy(lines(`${workspaceRoot}/`))}>Copy path</ContextMenuItem>
      <ContextMenuItem onSelect={() => copy(lines(""))}>Copy relative path</ContextMenuItem>
      <ContextMenuSeparator />
      {type !== "other" && (
        <ContextMenuItem disabled={!model.reachable} onSelect={() => downloadEntry(model.sessionId, entry)}>
          {type === "directory" ? "Download as .tar.gz" : "Download"}
        </ContextMenuItem>
      )}
      {writable && (
        <>
          <ContextMenuSeparator />
          <ContextMenuItem onSelect={() => setTimeout(() => model.startRename(path))}>
            Rename… <ContextMenuShortcut>F2</ContextMenuShortcut>
          </ContextMenuItem>
          <ContextMenuItem danger onSelect={() => setTimeout(() => void model.remove(targets))}>
            {targets.length > 1 ? `Delete ${targets.length} entries…` : "Delete…"}
            <ContextMenuShortcut>{isMac() ? "⌘⌫" : "Del"}</ContextMenuShortcut>
          </ContextMenuItem>
        </>
      )}
    </>
  );
}

/** What a right click (or a long press) on a line, or below them, offers. */
export function TreeMenu({ model, children }: { model: ExplorerModel; children: ReactNode }) {
  const [path, setPath] = useState<string | null>(null);
  const pressed = useRef<string | null>(null);
  // Also where a finger goes down: a long press opens the menu without an event of its own.
  const onPress = (event: SyntheticEvent) => {
    pressed.current =
      event.target instanceof Element
        ? (event.target.closest<HTMLElement>("[data-path]")?.dataset.path ?? null)
        : null;
  };
  const onOpenChange = (open: boolean) => {
    if (!open) return;
    const at = pressed.current;
    setPath(at);
    if (at === null) model.select(nothingSelected);
    else if (!model.selection.paths.has(at)) model.select(selectOne(at));
  };
  const entry = path === null ? null : model.entry(path);
  return (
    <ContextMenu onOpenChange={onOpenChange}>
      <ContextMenuTrigger asChild>
        <div className="min-h-0 flex-1" onContextMenuCapture={onPress} onPointerDownCapture={onPress}>
          {children}
        </div>
      </ContextMenuTrigger>
      <ContextMenuContent
        className="w-56"
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>("[data-explorer-tree]")?.focus();
        }}
      >
        {entry !== null && <EntryItems model={model} entry={entry} />}
        {entry === null && model.writable && (
          <>
            <MakeItems model={model} entry={null} />
            <ContextMenuSeparator />
          </>
        )}
        {entry === null && (
          <ContextMenuItem onSelect={() => void model.files.refreshAll()}>Refresh</ContextMenuItem>
        )}
      </ContextMenuContent>
    </ContextMenu>
  );
}
