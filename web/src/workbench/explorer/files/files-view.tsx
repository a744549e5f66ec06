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
function useFollowEditor({ reveal, tree }: ExplorerModel): void {
  const active = useWorkbench((state) => state.activeFile);
  const loaded = tree.directories.has("");
  const followed = useRef<string | null>(null);
  useEffect(() => {
    if (active === followed.current || !loaded) return;
    followed.current = active;
    if (active !== null) void reveal(active);
  }, [active, loaded, reveal]);
}

function EmptyDropZone({ model }: { model: ExplorerModel }) {
  const drag = useTreeDrag(model);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it do the same
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
  return (
    <div className="flex size-full flex-col">
      <ExplorerHeader model={model} />
      <TreeMenu model={model}>
        <Body model={model} />
      </TreeMenu>
    </div>
  );
}
