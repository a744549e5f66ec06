"use client";

import { FileDiffIcon, XIcon } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "../../components/ui/button.tsx";
import { cn } from "../../lib/utils.ts";
import { useChangesStore } from "./changes-store.ts";

const close = () => useChangesStore.setState({ review: null, shown: false });

/** The comparison's tab, behind those of the files. */
export function ReviewTab() {
  const review = useChangesStore((state) => state.review);
  const shown = useChangesStore((state) => state.shown);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (shown) element.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [shown]);
  if (review === null) return null;
  const name = review.path.slice(review.path.lastIndexOf("/") + 1);
  const show = () => useChangesStore.setState({ shown: true });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the pointer may hit the tab's edge; the keyboard has the tab itself
    <div
      ref={element}
      role="presentation"
      title={`Changes of ${review.path}`}
      data-active={shown || undefined}
      onClick={show}
      onMouseDown={(event) => event.button === 1 && event.preventDefault()}
      onAuxClick={(event) => event.button === 1 && close()}
      className={cn(
        "group relative flex h-full shrink-0 cursor-pointer select-none items-center border-r bg-chrome text-[13px] text-muted-foreground",
        shown &&
          "bg-background text-foreground after:absolute after:inset-x-0 after:top-0 after:h-0.5 after:bg-clay",
      )}
    >
      <div
        role="tab"
        aria-selected={shown}
        aria-label={`Changes of ${name}`}
        tabIndex={shown ? 0 : -1}
        className="flex h-full items-center gap-1.5 pl-3 outline-offset-[-2px]"
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === " ") show();
          else if (event.key === "Delete") close();
          else return;
          event.preventDefault();
        }}
      >
        <FileDiffIcon className="size-3.5 shrink-0 text-clay" aria-hidden />
        <span className="italic">{name}</span>
      </div>
      <Button
        variant="quiet"
        size="icon-sm"
        className="mx-0.5 size-5"
        // For the pointer; a tab list holds nothing but tabs, which Delete closes.
        tabIndex={-1}
        aria-hidden
        title={`Close the changes of ${name}`}
        onClick={(event) => {
          event.stopPropagation();
          close();
        }}
      >
        <XIcon aria-hidden />
      </Button>
    </div>
  );
}
