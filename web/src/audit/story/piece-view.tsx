"use client";

import { ChevronRightIcon } from "lucide-react";
import Link from "next/link";
import { memo, useMemo } from "react";
import { ConversationReader } from "../../claude/live/conversation-reader.ts";
import { type PaneContextValue, PaneProvider } from "../../claude/pane-context.tsx";
import { RowProvider, useRowState } from "../../claude/timeline/row-memory.ts";
import { TimelineItemView } from "../../claude/timeline/timeline-item.tsx";
import { ItemViewProvider } from "../../claude/tools/item-view.ts";
import { live } from "../../lib/live.ts";
import { cn } from "../../lib/utils.ts";
import { groupOf } from "../model/action-groups.ts";
import type { Entry } from "../model/entry.ts";
import { subjectOf, wordsOf } from "../model/words.ts";
import { Clock } from "../parts/moment.tsx";
import { ResultBadge } from "../parts/result-badge.tsx";
import { Who } from "../parts/who.tsx";
import type { Piece } from "./pieces.ts";

/** What the cards of a conversation need around them where nobody can do anything but read. */
export function readingPane(sessionId: string, conversationId: string, cwd: string | null): PaneContextValue {
  return {
    sessionId,
    conversationId,
    // Never started: what was said comes from the record.
    reader: new ConversationReader({ live, sessionId, conversationId, exists: true }),
    cwd,
    canUse: false,
    canAnswer: false,
    hasEditor: false,
    permissionModes: [],
  };
}

function Line({ entry, linkTo }: { entry: Entry; linkTo(entry: Entry): string }) {
  const subject = subjectOf(entry);
  const group = groupOf(entry.action);
  return (
    <Link
      href={linkTo(entry)}
      className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5 rounded-md px-2 py-1 hover:bg-hover"
    >
      <group.Icon aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
      <Who entry={entry} className="max-w-40 text-xs" />
      <span>{wordsOf(entry.action)}</span>
      {subject !== null && (
        <span
          className="min-w-0 max-w-full truncate font-mono text-[11.5px] text-muted-foreground"
          title={subject}
        >
          {subject}
        </span>
      )}
      {entry.result !== "success" && <ResultBadge result={entry.result} />}
    </Link>
  );
}

function Many({ entries, linkTo }: { entries: readonly Entry[]; linkTo(entry: Entry): string }) {
  const [open, setOpen] = useRowState("entries", false);
  const [first] = entries;
  if (first === undefined) return null;
  const group = groupOf(first.action);
  const subjects = [...new Set(entries.map(subjectOf).filter((subject) => subject !== null))];
  return (
    <>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex w-full min-w-0 items-center gap-2 rounded-md px-2 py-1 text-left hover:bg-hover"
      >
        <group.Icon aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
        <Who entry={first} className="max-w-40 text-xs" />
        <span className="shrink-0">
          {wordsOf(first.action)} <span className="text-muted-foreground">× {entries.length}</span>
        </span>
        <span className="min-w-0 flex-1 truncate font-mono text-[11.5px] text-muted-foreground">
          {subjects.slice(0, 3).join(", ")}
          {subjects.length > 3 && ` and ${subjects.length - 3} more`}
        </span>
        {first.result !== "success" && <ResultBadge result={first.result} />}
        <ChevronRightIcon
          aria-hidden
          className={cn("size-3.5 shrink-0 text-muted-foreground transition-transform", open && "rotate-90")}
        />
      </button>
      {open && (
        <ul className="ml-3.5 border-l pl-2">
          {entries.map((entry) => (
            <li key={entry.id} className="flex items-start">
              <Clock at={entry.at} className="w-16 shrink-0 py-1 text-[11px] text-muted-foreground" />
              <div className="min-w-0 flex-1">
                <Line entry={entry} linkTo={linkTo} />
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface PieceViewProps {
  readonly piece: Piece;
  readonly pane: PaneContextValue | null;
  readonly marked: boolean;
  /** The piece above was in the same second: its time goes without saying. */
  readonly sameTime: boolean;
  linkTo(entry: Entry): string;
}

/** One piece of the story, with its time beside it. */
export const PieceView = memo(function PieceView({ piece, pane, marked, sameTime, linkTo }: PieceViewProps) {
  const body = useMemo(() => {
    if (piece.kind === "done") {
      const [only] = piece.entries;
      return piece.entries.length === 1 && only !== undefined ? (
        <Line entry={only} linkTo={linkTo} />
      ) : (
        <Many entries={piece.entries} linkTo={linkTo} />
      );
    }
    return (
      pane !== null && (
        <PaneProvider value={pane}>
          <ItemViewProvider value={TimelineItemView}>
            <div className="px-2">
              <TimelineItemView item={piece.item} />
            </div>
          </ItemViewProvider>
        </PaneProvider>
      )
    );
  }, [piece, pane, linkTo]);
  return (
    <RowProvider value={piece.key}>
      <div className={cn("flex flow-root gap-2 sm:flex", marked && "rounded-md bg-selected")}>
        <Clock
          at={piece.at}
          className={cn(
            "w-16 shrink-0 pt-1.5 pl-2 text-[11px] text-muted-foreground max-sm:block max-sm:pt-2",
            sameTime && "invisible max-sm:hidden",
          )}
        />
        <div className="min-w-0 flex-1">{body}</div>
      </div>
    </RowProvider>
  );
});
