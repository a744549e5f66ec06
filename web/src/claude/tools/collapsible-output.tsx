"use client";

import { type ReactNode, useState } from "react";
import { cn } from "../../lib/utils.ts";
import { stripAnsi } from "../model/ansi.ts";
import { CopyButton } from "../timeline/copy-button.tsx";

/** Lines shown before someone asks for the rest. */
const shownLines = 12;
/** Even then no more than this: a page must stay quick. */
const maxLines = 3000;

/** Lines of text, the first of them at once and the rest on demand. `tail`: the last ones matter more. */
export function CollapsibleOutput({
  text,
  render,
  tail = false,
  className,
}: {
  text: string;
  render: (text: string) => ReactNode;
  tail?: boolean;
  className?: string;
}) {
  const [open, setOpen] = useState(false);
  const lines = text.split("\n");
  const limit = open ? maxLines : shownLines;
  const cut = lines.length > limit + 2;
  const shown = !cut ? text : (tail ? lines.slice(-limit) : lines.slice(0, limit)).join("\n");
  const hidden = lines.length - limit;
  const button = (cut || open) && (
    <button
      type="button"
      aria-expanded={open}
      onClick={() => setOpen(!open)}
      className="block w-full px-3 py-1 text-left text-[11px] text-muted-foreground hover:bg-hover hover:text-foreground"
    >
      {open ? "Show less" : `Show ${hidden} more lines`}
    </button>
  );
  return (
    <div className={className}>
      {tail && button}
      <div className="group/code relative">
        <pre
          className={cn(
            "claude-mono overflow-x-auto whitespace-pre-wrap break-words px-3 py-2 pr-9",
            open && "max-h-[70vh] overflow-y-auto",
          )}
        >
          {render(shown)}
        </pre>
        {/* All of it, also what is not shown. */}
        <CopyButton
          text={stripAnsi(text)}
          label="Copy output"
          className="absolute top-1 right-1 opacity-0 focus-visible:opacity-100 group-hover/code:opacity-100 [@media(hover:none)]:opacity-100"
        />
      </div>
      {!tail && button}
    </div>
  );
}
