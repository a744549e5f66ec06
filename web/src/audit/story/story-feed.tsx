"use client";

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { PaneContextValue } from "../../claude/pane-context.tsx";
import { type RowMemory, RowMemoryProvider } from "../../claude/timeline/row-memory.ts";
import type { Entry } from "../model/entry.ts";
import { PieceView } from "./piece-view.tsx";
import type { Piece } from "./pieces.ts";

export interface FeedHandle {
  /** Brings the piece into sight. */
  show(key: string): void;
}

interface StoryFeedProps {
  readonly pieces: readonly Piece[];
  readonly panes: ReadonlyMap<string, PaneContextValue>;
  /** The piece that somebody was led to. */
  readonly marked: string | null;
  readonly handle: Ref<FeedHandle>;
  linkTo(entry: Entry): string;
}

/** A guess, until the piece has been drawn. */
function guess(piece: Piece | undefined): number {
  if (piece?.kind !== "said") return 30;
  const { item } = piece;
  if (item.kind === "text") return 30 + Math.ceil(item.text.length / 110) * 22;
  if (item.kind === "prompt") return 66 + Math.ceil(Math.min(item.text.length, 1500) / 110) * 22;
  return item.kind === "tool" ? 90 : 34;
}

/** The story from its beginning; only what is on the screen is drawn. */
export function StoryFeed({ pieces, panes, marked, handle, linkTo }: StoryFeedProps) {
  const element = useRef<HTMLDivElement>(null);
  const [memory] = useState<RowMemory>(() => new Map());
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setTop((element.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtual = useWindowVirtualizer<HTMLElement>({
    count: pieces.length,
    estimateSize: (index) => guess(pieces[index]),
    getItemKey: (index) => pieces[index]?.key ?? index,
    scrollMargin: top,
    scrollPaddingStart: 60,
    overscan: 8,
  });
  const places = useMemo(() => new Map(pieces.map(({ key }, index) => [key, index])), [pieces]);
  useImperativeHandle(handle, () => ({
    show(key) {
      const index = places.get(key);
      if (index !== undefined) virtual.scrollToIndex(index, { align: "start" });
    },
  }));
  const led = useRef(false);
  useEffect(() => {
    const index = marked === null ? undefined : places.get(marked);
    if (led.current || index === undefined) return;
    led.current = true;
    virtual.scrollToIndex(index, { align: "center" });
  }, [marked, places, virtual]);
  return (
    <div
      ref={element}
      role="feed"
      aria-label="The session’s story"
      className="relative w-full [overflow-anchor:none]"
      style={{ height: virtual.getTotalSize() }}
    >
      <RowMemoryProvider value={memory}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const piece = pieces[index];
          return (
            piece !== undefined && (
              <article
                key={piece.key}
                ref={virtual.measureElement}
                data-index={index}
                aria-posinset={index + 1}
                aria-setsize={pieces.length}
                className="absolute inset-x-0 flow-root"
                style={{ top: start - virtual.options.scrollMargin }}
              >
                <PieceView
                  piece={piece}
                  pane={piece.kind === "said" ? (panes.get(piece.conversationId) ?? null) : null}
                  marked={piece.key === marked}
                  sameTime={pieces[index - 1]?.at.slice(0, 19) === piece.at.slice(0, 19)}
                  linkTo={linkTo}
                />
              </article>
            )
          );
        })}
      </RowMemoryProvider>
    </div>
  );
}
