"use client";

import { useEffect, useRef } from "react";
import { cn } from "../../lib/utils.ts";
import type { SlashCommand } from "./slash-commands.ts";

/** Commands that fit what is typed after the `/`; the text box keeps the focus and the keys. */
export function SlashList({
  id,
  commands,
  active,
  note,
  onChoose,
}: {
  id: string;
  commands: readonly SlashCommand[] | null;
  active: number;
  note: string | null;
  onChoose(name: string): void;
}) {
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list follows the active one
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active, commands]);
  const box =
    "absolute right-0 bottom-full left-0 z-20 mb-1 max-h-72 overflow-y-auto rounded-lg border bg-surface p-1 shadow-pop";
  if (commands === null) {
    return note === null ? null : (
      <p role="status" className={cn(box, "px-3 py-2 text-muted-foreground text-xs")}>
        {note}
      </p>
    );
  }
  return (
    <div ref={list} id={id} role="listbox" aria-label="Commands" className={box}>
      {commands.map(({ name, description, argumentHint }, index) => (
        <div
          key={name}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          // Before the text box loses the focus.
          onMouseDown={(event) => {
            event.preventDefault();
            onChoose(name);
          }}
          className={cn("cursor-default rounded-sm px-2 py-1 hover:bg-hover", index === active && "bg-hover")}
        >
          <p className="truncate">
            /{name}
            {argumentHint !== "" && (
              <span className="ml-1.5 text-[11px] text-muted-foreground">{argumentHint}</span>
            )}
          </p>
          <p className="truncate text-[11.5px] text-muted-foreground" title={description}>
            {description}
          </p>
        </div>
      ))}
    </div>
  );
}
