"use client";

import { BracesIcon, FileIcon } from "lucide-react";
import { cn } from "../../lib/utils.ts";
import type { Choice } from "./use-mentions.ts";

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

function shown(choice: Choice): { key: string; name: string; where: string; what: string | null } {
  if (choice.kind === "file") {
    const { path } = choice;
    return { key: path, name: nameOf(path), where: path.slice(0, -nameOf(path).length - 1), what: null };
  }
  const { name, kind, path, line } = choice.symbol;
  return { key: `${path}:${line} ${name}`, name, where: `${path}:${line}`, what: kind };
}

/** Files and symbols that fit what is typed after the `@`; the text box keeps the focus and the keys. */
export function MentionList({
  id,
  choices,
  active,
  onChoose,
}: {
  id: string;
  choices: readonly Choice[];
  active: number;
  onChoose(choice: Choice): void;
}) {
  return (
    <div
      id={id}
      role="listbox"
      aria-label="Files and symbols"
      className="absolute right-0 bottom-full left-0 z-20 mb-1 max-h-64 overflow-y-auto rounded-lg border bg-surface p-1 shadow-pop"
    >
      {choices.map((choice, index) => {
        const { key, name, where, what } = shown(choice);
        const Icon = choice.kind === "file" ? FileIcon : BracesIcon;
        return (
          <div
            key={key}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            ref={index === active ? (element) => element?.scrollIntoView({ block: "nearest" }) : undefined}
            // Before the text box loses the focus.
            onMouseDown={(event) => {
              event.preventDefault();
              onChoose(choice);
            }}
            className={cn(
              "flex cursor-default items-center gap-2 rounded-sm px-2 py-1 hover:bg-hover",
              index === active && "bg-hover",
            )}
          >
            <Icon aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
            <span className="max-w-[60%] shrink-0 truncate">{name}</span>
            <span className="truncate text-[11px] text-muted-foreground">{where}</span>
            {what !== null && (
              <span className="ml-auto shrink-0 text-[11px] text-muted-foreground">{what}</span>
            )}
          </div>
        );
      })}
    </div>
  );
}
