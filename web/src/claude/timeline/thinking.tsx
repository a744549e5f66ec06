"use client";

import { BrainIcon, ChevronRightIcon } from "lucide-react";
import { memo } from "react";
import { cn } from "../../lib/utils.ts";
import type { ThinkingItem } from "../model/items.ts";
import { formatDuration } from "../model/tool-text.ts";
import { Markdown } from "./markdown.tsx";
import { useRowState } from "./row-memory.ts";

/** What it is thinking of right now. */
function lastLine(text: string): string {
  return (
    text
      .slice(-400)
      .trimEnd()
      .split("\n")
      .at(-1)
      ?.replace(/[*_`#]/g, "")
      .trim() ?? ""
  );
}

/** What Claude thought; closed unless someone wants to read it. */
export const Thinking = memo(function Thinking({ item }: { item: ThinkingItem }) {
  const [open, setOpen] = useRowState("thinking", false);
  const { text, streaming, durationMs } = item;
  const label = streaming
    ? "Thinking…"
    : durationMs !== null && durationMs >= 1000
      ? `Thought for ${formatDuration(durationMs)}`
      : "Thought";
  return (
    <div className="my-1" aria-busy={streaming}>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex max-w-full items-center gap-2 rounded-sm py-0.5 text-[12.5px] text-muted-foreground hover:text-foreground"
      >
        <BrainIcon aria-hidden className={cn("size-3.5", streaming && "claude-shimmer text-clay")} />
        {label}
        {streaming && !open && (
          // Its end as it comes; the label says enough to those who listen.
          <span aria-hidden className="min-w-0 flex-1 truncate text-left text-[11.5px] opacity-80">
            {lastLine(text)}
          </span>
        )}
        <ChevronRightIcon aria-hidden className={cn("size-3.5 transition-transform", open && "rotate-90")} />
      </button>
      {open && (
        <div className="mt-1 ml-1.5 border-l pl-3 text-muted-foreground">
          <Markdown text={text} streaming={streaming} />
        </div>
      )}
    </div>
  );
});
