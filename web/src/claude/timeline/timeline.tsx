"use client";

import { ArrowDownIcon, LoaderCircleIcon } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { cn } from "../../lib/utils.ts";
import type { PromptItem, TimelineItem } from "../model/items.ts";
import { usePane } from "../pane-context.tsx";
import { ItemViewProvider } from "../tools/item-view.ts";
import { PromptMessage } from "./prompt-message.tsx";
import { TimelineItemView } from "./timeline-item.tsx";
import { useScroll } from "./use-scroll.ts";

/** Items drawn at first, and each time the reader comes near the first of them. */
const stepItems = 60;
/** The last items are always laid out: jumps there would be seen. */
const nearItems = 25;
const nearTopPx = 900;

interface TimelineProps {
  readonly items: readonly TimelineItem[];
  readonly waiting: readonly PromptItem[];
  readonly complete: boolean;
  readonly loadingOlder: boolean;
  /** What stands at the very end: what Claude is doing. */
  readonly status: ReactNode;
  /** Stands in for the items while there are none. */
  readonly empty: ReactNode;
}

/** The talk: the end of it at first, more when the reader goes up. */
export function Timeline({ items, waiting, complete, loadingOlder, status, empty }: TimelineProps) {
  const { reader } = usePane();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(stepItems);
  const visible = items.length > shown ? items.slice(-shown) : items;
  const { atEnd, sticks, toEnd, onScroll } = useScroll(scroller, content, visible[0]?.key ?? "");

  // At the end: what lies far above is let go of.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at whenever the talk has grown
  useEffect(() => {
    if (!atEnd) return;
    setShown((count) => (count > stepItems * 3 ? stepItems : count));
    reader.trim();
  }, [atEnd, items.length, reader]);

  const lookUp = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    // At the end only to fill the screen: before the first scroll the top is near without anyone being there.
    const enough = sticks.current
      ? element.scrollHeight > element.clientHeight * 1.5
      : element.scrollTop > nearTopPx;
    if (enough) return;
    if (shown < items.length) setShown((count) => count + stepItems);
    else if (!complete && !loadingOlder) void reader.loadOlder();
  }, [shown, items.length, complete, loadingOlder, reader, sticks]);
  // A page of entries can amount to less than a screen of items.
  useEffect(lookUp, [lookUp]);

  // A prompt of one's own brings one back to the end.
  const lastOwn = waiting.findLast(({ state }) => state === "sending")?.messageId;
  useEffect(() => {
    if (lastOwn !== undefined) toEnd();
  }, [lastOwn, toEnd]);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        onScroll={() => {
          onScroll();
          lookUp();
        }}
        className="h-full overflow-y-auto overscroll-contain px-3"
      >
        <div
          ref={content}
          role="log"
          aria-live="polite"
          aria-relevant="additions"
          aria-label="Conversation"
          className="mx-auto min-h-full w-full max-w-3xl pt-1 pb-3"
        >
          {items.length === 0 && waiting.length === 0 && empty}
          {(loadingOlder || (!complete && items.length > 0)) && (
            <p className="flex justify-center py-3 text-muted-foreground" aria-hidden={!loadingOlder}>
              <LoaderCircleIcon
                role="img"
                aria-label="Loading earlier messages"
                className={cn("size-4", loadingOlder ? "animate-spin" : "opacity-0")}
              />
            </p>
          )}
          <ItemViewProvider value={TimelineItemView}>
            {visible.map((item, index) => (
              <div key={item.key} className={index < visible.length - nearItems ? "claude-far" : undefined}>
                <TimelineItemView item={item} />
              </div>
            ))}
          </ItemViewProvider>
          {status}
          {waiting.map((item) => (
            <PromptMessage key={item.key} item={item} />
          ))}
        </div>
      </div>
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
