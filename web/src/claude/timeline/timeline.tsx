"use client";

import { ArrowDownIcon, LoaderCircleIcon } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { cn } from "../../lib/utils.ts";
import { useJump } from "../finding/use-jump.ts";
import type { PermissionQuestion, PromptItem, TimelineItem } from "../model/items.ts";
import { usePane } from "../pane-context.tsx";
import { ItemViewProvider } from "../tools/item-view.ts";
import { Announcer } from "./announcer.tsx";
import { PromptMessage } from "./prompt-message.tsx";
import { type RowMemory, RowMemoryProvider, RowProvider } from "./row-memory.ts";
import { TimelineItemView } from "./timeline-item.tsx";
import { useRows } from "./use-rows.ts";
import { useScroll } from "./use-scroll.ts";

/** So near the first row, what lies before it is asked for. */
const nearTopPx = 1200;

interface TimelineProps {
  readonly items: readonly TimelineItem[];
  readonly waiting: readonly PromptItem[];
  readonly pending: readonly PermissionQuestion[];
  readonly complete: boolean;
  readonly loadingOlder: boolean;
  /** What stands at the very end: what Claude is doing. */
  readonly status: ReactNode;
  /** Stands there while nothing was said. */
  readonly empty: ReactNode;
}

/** The rows that are on the screen, each at its place in the height of all of them. */
function DrawnRows({
  items,
  virtual,
  marked,
}: {
  items: readonly TimelineItem[];
  virtual: ReturnType<typeof useRows>;
  /** The row that somebody was led to. */
  marked: string | null;
}) {
  const [memory] = useState<RowMemory>(() => new Map());
  return (
    <div className="relative w-full" style={{ height: virtual.getTotalSize() }}>
      <RowMemoryProvider value={memory}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const item = items[index];
          return (
            item !== undefined && (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={index}
                data-row={item.key}
                // A row holds its margins: they are part of its height.
                className={cn("absolute inset-x-0 flow-root", item.key === marked && "claude-marked")}
                style={{ top: start }}
              >
                <RowProvider value={item.key}>
                  <ItemViewProvider value={TimelineItemView}>
                    <TimelineItemView item={item} />
                  </ItemViewProvider>
                </RowProvider>
              </div>
            )
          );
        })}
      </RowMemoryProvider>
    </div>
  );
}

/** The talk: at its end at first; what lies before comes as the reader goes up. */
export function Timeline(props: TimelineProps) {
  const { items, waiting, pending, complete, loadingOlder, status, empty } = props;
  const { reader } = usePane();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const virtual = useRows(items, scroller, pending.length > 0);
  const { atEnd, sticks, toEnd, leaveEnd, onScroll } = useScroll(scroller, content);
  const { marked, jumping } = useJump(props, virtual, leaveEnd);

  // At the end: what lies far above is let go of.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at whenever the talk has grown
  useEffect(() => {
    if (atEnd && !jumping) reader.trim();
  }, [atEnd, items.length, reader, jumping]);

  const lookUp = useCallback(() => {
    const element = scroller.current;
    if (element === null || complete || loadingOlder) return;
    // At the end only to fill the screen: before the first scroll the top is near without anyone being there.
    const enough = sticks.current
      ? element.scrollHeight > element.clientHeight * 1.5
      : element.scrollTop > nearTopPx;
    if (!enough) void reader.loadOlder();
  }, [complete, loadingOlder, reader, sticks]);
  // A page of entries can amount to less than a screen of items.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at whenever items came
  useEffect(lookUp, [lookUp, items.length]);

  // A prompt of one's own brings one back to the end.
  const lastOwn = waiting.findLast(({ state }) => state === "sending")?.messageId;
  useEffect(() => {
    if (lastOwn !== undefined) toEnd();
  }, [lastOwn, toEnd]);

  // A mode that was chosen before the first word is not a word.
  const unsaid = items.length === 0 || (complete && items.every(({ kind }) => kind === "notice"));
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        // The announcer says what is new.
        aria-live="off"
        aria-label="Conversation"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
        tabIndex={0}
        onScroll={() => {
          onScroll();
          lookUp();
        }}
        className="h-full overflow-y-auto overscroll-contain px-3 outline-offset-[-2px] [overflow-anchor:none]"
      >
        <div ref={content} className="relative mx-auto min-h-full w-full max-w-3xl pb-3">
          {!complete && items.length > 0 && (
            <p
              className="absolute inset-x-0 top-3 flex justify-center text-muted-foreground"
              aria-hidden={!loadingOlder}
            >
              <LoaderCircleIcon
                role="img"
                aria-label="Loading earlier messages"
                className={cn("size-4", loadingOlder ? "animate-spin" : "opacity-0")}
              />
            </p>
          )}
          {items.length > 0 && <DrawnRows items={items} virtual={virtual} marked={marked} />}
          {unsaid && waiting.length === 0 && empty}
          {status}
          {waiting.map((item) => (
            <PromptMessage key={item.key} item={item} />
          ))}
        </div>
      </div>
      <Announcer items={items} pending={pending} />
      {!atEnd && (
        <Button
          size="sm"
          onClick={toEnd}
          className="absolute bottom-2 left-1/2 -translate-x-1/2 rounded-full shadow-pop"
        >
          <ArrowDownIcon className="size-3.5" /> Jump to latest
        </Button>
      )}
    </div>
  );
}
