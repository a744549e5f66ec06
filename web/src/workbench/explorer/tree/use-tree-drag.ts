import { type DragEvent, useEffect, useRef, useState } from "react";
import { droppedItems } from "../upload/dropped-items.ts";
import { useUploads } from "../upload/upload-context.ts";
import { isWithin, outermost, parentOf } from "./paths.ts";
import { targetsOf } from "./selection.ts";
import type { ExplorerModel } from "./use-explorer.ts";

const pathsType = "application/x-remote-claude-paths";
/** A folder one lingers on opens up. */
const openAfterMs = 700;

const pathAt = (event: DragEvent) =>
  event.target instanceof Element
    ? (event.target.closest<HTMLElement>("[data-path]")?.dataset.path ?? null)
    : null;

/** Whether anything would change by the move; a directory does not go into itself. */
function mayMove(paths: readonly string[], directory: string): boolean {
  return (
    paths.some((path) => parentOf(path) !== directory) && !paths.some((path) => isWithin(directory, path))
  );
}

/** Dragging inside the tree moves, from the desktop uploads. `target` is the folder it would go to. */
export function useTreeDrag(model: ExplorerModel) {
  const { selection, writable, directoryOf, files } = model;
  const [target, setTarget] = useState<string | null>(null);
  const dragged = useRef<readonly string[] | null>(null);
  const uploads = useUploads();

  useEffect(() => {
    if (target === null || target === "") return;
    const timer = setTimeout(() => void files.expand(target), openAfterMs);
    return () => clearTimeout(timer);
  }, [target, files]);

  const end = () => {
    dragged.current = null;
    setTarget(null);
  };
  const onDragStart = (event: DragEvent) => {
    const path = pathAt(event);
    if (path === null) return;
    const paths = outermost(targetsOf(selection, path));
    dragged.current = paths;
    // As text for other panes: a terminal or a message takes the path.
    event.dataTransfer.setData("text/plain", paths.join(" "));
    event.dataTransfer.setData(pathsType, JSON.stringify(paths));
    event.dataTransfer.effectAllowed = "copyMove";
  };
  const onDragOver = (event: DragEvent) => {
    const directory = directoryOf(pathAt(event));
    const fromDesktop = event.dataTransfer.types.includes("Files");
    const inside = dragged.current !== null && mayMove(dragged.current, directory);
    if (!writable || !(fromDesktop || inside)) {
      setTarget(null);
      return;
    }
    event.preventDefault();
    event.dataTransfer.dropEffect = fromDesktop ? "copy" : "move";
    setTarget(directory);
  };
  const onDrop = (event: DragEvent) => {
    const directory = directoryOf(pathAt(event));
    const paths = dragged.current;
    end();
    if (!writable) return;
    event.preventDefault();
    if (paths !== null) void model.move(paths, directory);
    // Read at once: the browser takes the items back when this handler ends.
    else if (event.dataTransfer.types.includes("Files"))
      uploads.start(droppedItems(event.dataTransfer), directory);
  };
  const onDragLeave = (event: DragEvent) => {
    if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget))
      setTarget(null);
  };
  return { target, handlers: { onDragStart, onDragOver, onDragLeave, onDrop, onDragEnd: end } };
}
