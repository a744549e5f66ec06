"use client";

import { useEffect, useRef } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { PaneSkeleton } from "../../pane-skeleton.tsx";
import { useWorkbench } from "../../store.ts";
import { TreeView } from "../tree/tree-view.tsx";
import type { ExplorerModel } from "../tree/use-explorer.ts";
import { useTreeDrag } from "../tree/use-tree-drag.ts";
import { EmptyWorkspace } from "./empty-workspace.tsx";
import { ExplorerHeader } from "./explorer-header.tsx";
import { TreeMenu } from "./tree-menu.tsx";

/** Chooses the file that the editor shows, and brings it into view. */
function useFollowEditor({ reveal, tree, selection }: ExplorerModel): void {
  const active = useWorkbench((state) => state.activeFile);
  const loaded = tree.directories.has("");
  const { focused } = selection;
  const followed = useRef<string | null>(null);
  useEffect(() => {
    if (active === followed.current || !loaded) return;
    followed.current = active;
    // Opened from here: it is chosen already, and the person may have gone on.
    if (active !== null && active !== focused) void reveal(active);
  }, [active, focused, loaded, reveal]);
}

/** A file that is dropped beside the places that take it must not replace the page. */
function useDropGuard(): void {
  useEffect(() => {
    const guard = (event: DragEvent) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    };
    window.addEventListener("dragover", guard);
    window.addEventListener("drop", guard);
    return () => {
      window.removeEventListener("dragover", guard);
      window.removeEventListener("drop", guard);
    };
  }, []);
}

function EmptyDropZone({ model }: { model: ExplorerModel }) {
  const drag = useTreeDrag(model);
  return (
    <div className={`h-full overflow-y-auto ${drag.target === "" ? "bg-clay-soft" : ""}`} {...drag.handlers}>
      <EmptyWorkspace model={model} />
    </div>
  );
}

function Body({ model }: { model: ExplorerModel }) {
  const { tree, draft, files } = model;
  const root = tree.directories.get("");
  const error = tree.failed.get("");
  if (root === undefined && error !== undefined) {
    return (
      <div className="flex flex-col items-start gap-2 p-3" role="alert">
        <p className="text-destructive">{error}</p>
        <Button size="sm" onClick={() => void files.refreshAll()}>
          Try again
        </Button>
      </div>
    );
  }
  if (root === undefined) return <PaneSkeleton label="Explorer" />;
  if (root.entries.length === 0 && draft === null) return <EmptyDropZone model={model} />;
  return <TreeView model={model} />;
}

/** The workspace's files with what one can do to them. */
export function FilesView({ model }: { model: ExplorerModel }) {
  useFollowEditor(model);
  useDropGuard();
  return (
    <div className="flex size-full flex-col">
      <ExplorerHeader model={model} />
      <TreeMenu model={model}>
        <Body model={model} />
      </TreeMenu>
    </div>
  );
}
