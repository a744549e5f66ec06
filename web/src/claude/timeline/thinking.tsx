"use client";

import { BrainIcon, ChevronRightIcon } from "lucide-react";
import { memo } from "react";
import { cn } from "../../lib/utils.ts";
import type { ThinkingItem } from "../model/items.ts";
import { formatDuration } from "../model/tool-text.ts";
import { Markdown } from "./markdown.tsx";
import { useRowState } from "./row-memory.ts";

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
        className="flex items-center gap-2 rounded-sm py-0.5 text-[12.5px] text-muted-foreground hover:text-foreground"
      >
        <BrainIcon aria-hidden className={cn("size-3.5", streaming && "claude-shimmer text-clay")} />
        {label}
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
