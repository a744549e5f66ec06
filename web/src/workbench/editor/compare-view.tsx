"use client";

import { useEffect, useRef } from "react";
import { Button } from "../../components/ui/button.tsx";
import type { EditorSession } from "./editor-session.ts";
import { editor as monaco } from "./monaco.ts";

/** The version on disk beside ours, which can be edited here too; one over the other where there is no room. */
export function CompareView({ editor, path, disk }: { editor: EditorSession; path: string; disk: string }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const ours = editor.documents.model(path);
    if (element.current === null || ours === null) return;
    const original = monaco.createModel(disk, ours.model.getLanguageId());
    const diff = monaco.createDiffEditor(element.current, {
      theme: "remote-claude",
      automaticLayout: true,
      fontFamily: '"JetBrains Mono Variable", monospace',
      fontSize: 13,
      lineHeight: 20,
      originalEditable: false,
      renderSideBySide: true,
      renderSideBySideInlineBreakpoint: 600,
      fixedOverflowWidgets: true,
      minimap: { enabled: false },
      ariaLabel: "Comparison with the version on disk",
    });
    diff.setModel({ original, modified: ours.model });
    diff.focus();
    return () => {
      diff.dispose();
      original.dispose();
    };
  }, [editor, path, disk]);
  const close = () => editor.store.setState({ comparing: null });
  return (
    <div className="absolute inset-0 z-10 flex flex-col bg-background">
      <div className="flex h-7 shrink-0 items-center border-b text-muted-foreground text-xs">
        <span className="flex-1 px-3">
          <span className="text-destructive">Red</span> is on disk,{" "}
          <span className="text-success">green</span> is yours; you can go on editing it here.
        </span>
        <Button size="sm" variant="ghost" className="mr-1 h-6" onClick={close}>
          Close comparison
        </Button>
      </div>
      <div ref={element} className="min-h-0 flex-1" />
    </div>
  );
}
