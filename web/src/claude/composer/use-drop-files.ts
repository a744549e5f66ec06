"use client";

import { type RefObject, useEffect, useRef, useState } from "react";

/** Files can be dropped anywhere in the conversation, not on the text box alone. True while some hang over it. */
export function useDropFiles(
  box: RefObject<HTMLElement | null>,
  onFiles: (files: readonly File[]) => void,
): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  useEffect(() => {
    latest.current = onFiles;
  });
  useEffect(() => {
    const pane = box.current?.closest<HTMLElement>("[data-claude-conversation]");
    if (pane == null) return;
    const onDragOver = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes("Files") !== true) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      setOver(true);
    };
    const onDragLeave = (event: DragEvent) => {
      // From one part of the pane into another is not out of it.
      if (!(event.relatedTarget instanceof Node) || !pane.contains(event.relatedTarget)) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      setOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      latest.current(files);
    };
    pane.addEventListener("dragover", onDragOver);
    pane.addEventListener("dragleave", onDragLeave);
    pane.addEventListener("drop", onDrop);
    return () => {
      pane.removeEventListener("dragover", onDragOver);
      pane.removeEventListener("dragleave", onDragLeave);
      pane.removeEventListener("drop", onDrop);
    };
  }, [box]);
  return over;
}
