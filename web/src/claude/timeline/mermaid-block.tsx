"use client";

import { CodeIcon, MaximizeIcon, WorkflowIcon } from "lucide-react";
import { useTheme } from "next-themes";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Dialog, DialogContent, DialogTitle } from "../../components/ui/dialog.tsx";
import { CodeBlock } from "./code-block.tsx";
import { CopyButton } from "./copy-button.tsx";
import { lazyLibrary } from "./lazy.ts";
import type { Diagram } from "./mermaid-library.ts";
import { useRowState } from "./row-memory.ts";

/** Mermaid is the heaviest of all: it comes with the first diagram. */
const useMermaid = lazyLibrary(() => import("./mermaid-library.ts"));

/** Drawn diagrams: rows come and go as one scrolls. */
const drawn = new Map<string, Diagram>();
const maxDrawn = 50;

/** The diagram; null while it is being drawn, and a sentence where it cannot be. */
function useDiagram(source: string): Diagram | string | null {
  const library = useMermaid(true);
  const dark = useTheme().resolvedTheme === "dark";
  const key = `${dark} ${source}`;
  const [result, setResult] = useState<{ key: string; diagram: Diagram | string } | null>(null);
  useEffect(() => {
    if (library === null || drawn.has(key)) return;
    let current = true;
    library.renderDiagram(source, dark).then(
      (diagram) => {
        if (drawn.size >= maxDrawn) drawn.clear();
        drawn.set(key, diagram);
        if (current) setResult({ key, diagram });
      },
      (error: unknown) => {
        const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
        if (current) setResult({ key, diagram: why });
      },
    );
    return () => {
      current = false;
    };
  }, [library, source, dark, key]);
  const now = drawn.get(key) ?? (result?.key === key ? result.diagram : null);
  // In the colours of before until those of now are there: a button that goes in mid-press loses the press.
  const before = useRef<{ source: string; diagram: Diagram | string } | null>(null);
  if (now !== null) before.current = { source, diagram: now };
  return before.current?.source === source ? before.current.diagram : null;
}

/**
 * As a picture: whatever a diagram's source may smuggle into the SVG, a picture runs no scripts, fetches nothing
 * and reaches nothing of the page.
 */
function Picture({ diagram, label, whole }: { diagram: Diagram; label: string; whole: boolean }) {
  const address = useMemo(
    () => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(diagram.svg)}`,
    [diagram],
  );
  return (
    // biome-ignore lint/performance/noImgElement: drawn here, nothing to fetch
    <img
      src={address}
      alt={label}
      width={diagram.width}
      height={diagram.height}
      className={
        whole
          ? "mx-auto h-auto max-h-[80vh] w-full object-contain"
          : "mx-auto h-auto max-h-[26rem] max-w-full"
      }
    />
  );
}

/** "flowchart", "sequence diagram": what kind of diagram it is, for those who cannot see it. */
function kindOf(source: string): string {
  const first = /^\s*(?:---[\s\S]*?---\s*)?(?:%%[^\n]*\s*)*([A-Za-z]+)/.exec(source)?.[1] ?? "diagram";
  return first === "graph" ? "flowchart" : first.replace(/(?<=[a-z])Diagram$/, " diagram");
}

/** A fenced block of Mermaid as the diagram it means; its text on demand, and where it means none. */
export const MermaidBlock = memo(function MermaidBlock({ code }: { code: string }) {
  const diagram = useDiagram(code);
  const [asText, setAsText] = useRowState(`mermaid ${code.length}`, false);
  const [whole, setWhole] = useState(false);
  if (diagram === null || typeof diagram === "string") {
    return (
      <>
        <CodeBlock code={code} language="mermaid" />
        {diagram !== null && <p className="text-[11px] text-muted-foreground">Not a diagram: {diagram}</p>}
      </>
    );
  }
  const label = `Diagram (${kindOf(code)})`;
  return (
    <figure aria-label={label} className="my-2 overflow-hidden rounded-lg border bg-surface">
      <div className="flex h-7 items-center gap-0.5 border-b bg-muted/60 pr-1 pl-3 text-[11px] text-muted-foreground">
        <span className="flex-1">{kindOf(code)}</span>
        <Button
          variant="quiet"
          size="icon-sm"
          aria-label={asText ? "Show the diagram" : "Show the text"}
          title={asText ? "Show the diagram" : "Show the text"}
          onClick={() => setAsText(!asText)}
        >
          {asText ? <WorkflowIcon /> : <CodeIcon />}
        </Button>
        <Button
          variant="quiet"
          size="icon-sm"
          aria-label="Enlarge"
          title="Enlarge"
          onClick={() => setWhole(true)}
        >
          <MaximizeIcon />
        </Button>
        <CopyButton text={code} label="Copy diagram" />
      </div>
      {asText ? (
        <pre className="claude-code overflow-x-auto px-3 py-2">{code}</pre>
      ) : (
        <div className="overflow-x-auto p-3">
          <Picture diagram={diagram} label={label} whole={false} />
        </div>
      )}
      <Dialog open={whole} onOpenChange={setWhole}>
        <DialogContent className="max-w-6xl" aria-describedby={undefined}>
          <DialogTitle>{label}</DialogTitle>
          <Picture diagram={diagram} label={label} whole />
        </DialogContent>
      </Dialog>
    </figure>
  );
});
