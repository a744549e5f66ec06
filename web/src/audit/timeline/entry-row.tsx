"use client";

import { memo } from "react";
import { cn } from "../../lib/utils.ts";
import { groupOf } from "../model/action-groups.ts";
import type { Entry } from "../model/entry.ts";
import { subjectOf, wordsOf } from "../model/words.ts";
import { Clock } from "../parts/moment.tsx";
import { ResultBadge } from "../parts/result-badge.tsx";
import { Who } from "../parts/who.tsx";

/** The columns of a wide list; the line above it has the same. */
export const columnsClass =
  "grid grid-cols-[4.25rem_minmax(8rem,13rem)_minmax(0,1fr)_minmax(0,9rem)_minmax(0,8rem)_4rem] items-center gap-x-3";

const monoGroups = new Set(["files", "terminal", "network", "tools"]);

function What({ entry, className }: { entry: Entry; className?: string }) {
  const group = groupOf(entry.action);
  const subject = subjectOf(entry);
  return (
    <span className={cn("flex min-w-0 items-center gap-1.5", className)}>
      <group.Icon aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
      <span className="max-w-full shrink-0 truncate">{wordsOf(entry.action)}</span>
      {subject !== null && (
        <span
          className={cn(
            "min-w-0 truncate text-muted-foreground",
            monoGroups.has(group.id) && "font-mono text-[11.5px]",
          )}
        >
          {subject}
        </span>
      )}
    </span>
  );
}

function Wide({ entry }: { entry: Entry }) {
  return (
    <span className={cn(columnsClass, "h-full px-3")}>
      <Clock at={entry.at} className="text-muted-foreground text-xs" />
      <Who entry={entry} />
      <What entry={entry} />
      <span className="truncate text-muted-foreground text-xs">{entry.session?.name}</span>
      <span className="truncate font-mono text-[11px] text-muted-foreground">{entry.address}</span>
      <ResultBadge result={entry.result} />
    </span>
  );
}

function Narrow({ entry }: { entry: Entry }) {
  return (
    <span className="flex h-full flex-col justify-center gap-0.5 px-3">
      <span className="flex min-w-0 items-center gap-2">
        <Who entry={entry} className="flex-1 font-medium" />
        {entry.result !== "success" && <ResultBadge result={entry.result} />}
        <Clock at={entry.at} className="shrink-0 text-muted-foreground text-xs" />
      </span>
      <What entry={entry} />
    </span>
  );
}

interface EntryRowProps {
  readonly entry: Entry;
  readonly narrow: boolean;
  readonly open: boolean;
  onOpen(id: string): void;
}

/** One entry in the list: a line, or two where the list is narrow. */
export const EntryRow = memo(function EntryRow({ entry, narrow, open, onOpen }: EntryRowProps) {
  return (
    <button
      type="button"
      data-entry={entry.id}
      aria-current={open || undefined}
      onClick={() => onOpen(entry.id)}
      className={cn(
        "block h-full w-full border-b text-left outline-offset-[-2px] hover:bg-hover",
        open && "bg-selected hover:bg-selected",
      )}
    >
      {narrow ? <Narrow entry={entry} /> : <Wide entry={entry} />}
    </button>
  );
});
