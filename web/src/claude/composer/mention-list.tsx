"use client";

import { FileIcon } from "lucide-react";
import { cn } from "../../lib/utils.ts";

/** Files that fit what is typed after the `@`; the text box keeps the focus and the keys. */
export function MentionList({
  id,
  paths,
  active,
  onChoose,
}: {
  id: string;
  paths: readonly string[];
  active: number;
  onChoose(path: string): void;
}) {
  return (
    <div
      id={id}
      role="listbox"
      aria-label="Files"
      className="absolute right-0 bottom-full left-0 z-20 mb-1 max-h-64 overflow-y-auto rounded-lg border bg-surface p-1 shadow-pop"
    >
      {paths.map((path, index) => {
        const cut = path.lastIndexOf("/") + 1;
        return (
          <div
            key={path}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            // Before the text box loses the focus.
            onMouseDown={(event) => {
              event.preventDefault();
              onChoose(path);
            }}
            className={cn(
              "flex cursor-default items-center gap-2 rounded-sm px-2 py-1 hover:bg-hover",
              index === active && "bg-hover",
            )}
          >
            <FileIcon aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
            <span className="shrink-0">{path.slice(cut)}</span>
            <span className="truncate text-[11px] text-muted-foreground">
              {path.slice(0, Math.max(0, cut - 1))}
            </span>
          </div>
        );
      })}
    </div>
  );
}
