"use client";

import { useCallback, useMemo, useRef } from "react";
import type { PaneContextValue } from "../../claude/pane-context.tsx";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { messageOf } from "../../lib/errors.ts";
import { formatMoment } from "../../lib/format.ts";
import { useStory } from "../data/use-story.ts";
import { hrefOfFilters } from "../filters/filters.ts";
import type { Entry } from "../model/entry.ts";
import { wordsOf } from "../model/words.ts";
import { AuditFrame } from "../parts/audit-frame.tsx";
import { JumpList } from "./jump-list.tsx";
import { readingPane } from "./piece-view.tsx";
import { landmarksOf, type Piece, piecesOf } from "./pieces.ts";
import { type FeedHandle, StoryFeed } from "./story-feed.tsx";
import "../../claude/claude.css";

/** The piece in which an entry of the record stands. */
const pieceWith = (pieces: readonly Piece[], entryId: string | null): string | null =>
  pieces.find((piece) => piece.kind === "done" && piece.entries.some(({ id }) => id === entryId))?.key ??
  null;

/** Whose it is, and whether it is still there. */
function aboutOf(session: ReturnType<typeof useStory>["session"]): string {
  if (session === null)
    return "What was asked, done and answered in this session, by whom, from its beginning";
  const { owner, createdAt, deletedAt } = session;
  const deleted = deletedAt === null ? "" : `, deleted ${formatMoment(deletedAt)}`;
  return `Of ${owner.name} (${owner.email}), from ${formatMoment(createdAt)}${deleted}`;
}

/** A session's whole story in order: what was asked and answered, what was done, by whom, and what came of it. */
export function StoryPage({ sessionId, entryId }: { sessionId: string; entryId: string | null }) {
  const story = useStory(sessionId);
  const { session, conversations, entries, error, complete, cut } = story;
  const pieces = useMemo(() => piecesOf(conversations, entries), [conversations, entries]);
  const landmarks = useMemo(() => landmarksOf(pieces, wordsOf), [pieces]);
  const panes = useMemo(
    () =>
      new Map<string, PaneContextValue>(
        [...conversations].map(([id, { cwd }]) => [id, readingPane(sessionId, id, cwd)]),
      ),
    [conversations, sessionId],
  );
  const feed = useRef<FeedHandle>(null);
  const linkTo = useCallback(
    ({ id }: Entry) =>
      `${hrefOfFilters({ session: sessionId, range: { kind: "last", id: "all" } })}&row=${id}`,
    [sessionId],
  );
  return (
    <AuditFrame
      title={session?.name ?? "A session’s story"}
      about={aboutOf(session)}
      back={{ href: "/audit", label: "Back to the audit record" }}
      actions={
        <Button asChild>
          <a href={hrefOfFilters({ session: sessionId, range: { kind: "last", id: "all" } })}>
            All its entries
          </a>
        </Button>
      }
    >
      <div className="border-t">
        <div className="mx-auto flex w-full max-w-6xl gap-6 px-2 py-3 sm:px-4">
          <div className="min-w-0 flex-1">
            {error !== null && (
              <Notice tone="destructive" title={messageOf(error)} className="mb-3">
                <Button size="sm" className="mt-1" onClick={story.retry}>
                  Try again
                </Button>
              </Notice>
            )}
            <details className="mb-2 rounded-lg border bg-surface px-1 py-1.5 lg:hidden">
              <summary className="cursor-pointer px-2 text-muted-foreground">Jump to…</summary>
              <JumpList landmarks={landmarks} onJump={(key) => feed.current?.show(key)} />
            </details>
            {cut && (
              <Notice tone="info" title="This is the first part of a long story" className="mb-3">
                What came later stands in the list of all its entries.
              </Notice>
            )}
            <StoryFeed
              pieces={pieces}
              panes={panes}
              marked={pieceWith(pieces, entryId)}
              handle={feed}
              linkTo={linkTo}
            />
            {!complete && error === null && (
              <div role="status" aria-label="Loading" className="flex flex-col gap-2 p-2">
                {[1, 2, 3].map((line) => (
                  <Skeleton key={line} className="h-8" />
                ))}
              </div>
            )}
            {complete && pieces.length === 0 && (
              <p className="py-14 text-center text-muted-foreground">Nothing of this session is on record.</p>
            )}
          </div>
          <aside className="hidden w-72 shrink-0 lg:block">
            <div className="sticky top-14 max-h-[calc(100dvh-4rem)] overflow-y-auto">
              <JumpList landmarks={landmarks} onJump={(key) => feed.current?.show(key)} />
            </div>
          </aside>
        </div>
      </div>
    </AuditFrame>
  );
}
