"use client";

import { type KeyboardEvent, useId, useRef, useState } from "react";
import { cn } from "../../lib/utils.ts";
import { type Bucket, bucketWords, chartWords, countWords } from "../model/buckets.ts";

/** The bars from one to the other, whichever comes first. */
const between = (one: number, other: number) => [Math.min(one, other), Math.max(one, other)] as const;

function Bar({ bucket, most }: { bucket: Bucket; most: number }) {
  const share = (count: number) => `${(count / most) * 100}%`;
  return (
    <span
      aria-hidden
      className={cn(
        "relative w-full overflow-hidden rounded-t-[2px] group-hover/bar:brightness-90 dark:group-hover/bar:brightness-125",
        bucket.count === 0 ? "bg-border" : "bg-info/55",
      )}
      style={{ height: bucket.count === 0 ? 1 : `max(3px, ${share(bucket.count)})` }}
    >
      {bucket.troubled > 0 && (
        <span
          className="absolute inset-x-0 bottom-0 bg-warning"
          style={{ height: `max(2px, ${(bucket.troubled / bucket.count) * 100}%)` }}
        />
      )}
    </span>
  );
}

/**
 * How many entries there were when, a bar for each stretch of time. A click on a bar, or drawing over several,
 * narrows the time; so do the arrow keys, with Shift over several, and Enter.
 */
export function Chart({
  buckets,
  onNarrow,
}: {
  buckets: readonly Bucket[];
  onNarrow(from: number, to: number): void;
}) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(-1);
  const [anchor, setAnchor] = useState<number | null>(null);
  const [drawn, setDrawn] = useState<readonly [number, number] | null>(null);
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const current = focused >= 0 && focused < buckets.length ? focused : buckets.length - 1;
  const narrow = ([first, last]: readonly [number, number]) => {
    const [from, to] = [buckets[first], buckets[last]];
    setAnchor(null);
    setDrawn(null);
    if (from !== undefined && to !== undefined) onNarrow(from.from, to.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };
    const ends: Record<string, number> = { Home: 0, End: buckets.length - 1 };
    const step = steps[event.key];
    const next = step === undefined ? ends[event.key] : current + step;
    if (next === undefined || next < 0 || next >= buckets.length) return;
    event.preventDefault();
    event.stopPropagation();
    setDrawn(event.shiftKey ? between(drawn === null ? current : (anchor ?? current), next) : null);
    if (!event.shiftKey || drawn === null) setAnchor(event.shiftKey ? current : null);
    setFocused(next);
    (list.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <figure className="flex flex-col gap-1" aria-labelledby={id}>
      <figcaption id={id} className="sr-only">
        {chartWords(buckets)}
      </figcaption>
      <div
        ref={list}
        role="toolbar"
        aria-label="Entries over time"
        aria-orientation="horizontal"
        onKeyDown={onKeyDown}
        onPointerLeave={() => anchor !== null && setDrawn(null)}
        className="flex h-16 touch-manipulation items-end border-b"
      >
        {buckets.map((bucket, index) => (
          <button
            key={bucket.from}
            type="button"
            tabIndex={index === current ? 0 : -1}
            title={`${bucketWords(bucket)}: ${countWords(bucket)}`}
            aria-label={`${bucketWords(bucket)}: ${countWords(bucket)}`}
            onFocus={() => setFocused(index)}
            onPointerDown={(event) => {
              if (event.pointerType !== "touch") setAnchor(index);
            }}
            onPointerEnter={(event) => {
              if (event.buttons === 1 && anchor !== null) setDrawn(between(anchor, index));
            }}
            onPointerUp={() => {
              if (drawn !== null) narrow(drawn);
            }}
            onClick={() => narrow(drawn ?? [index, index])}
            className={cn(
              "group/bar flex h-full min-w-0 flex-1 items-end px-px",
              drawn !== null && index >= drawn[0] && index <= drawn[1] && "bg-selected",
            )}
          >
            <Bar bucket={bucket} most={most} />
          </button>
        ))}
      </div>
      <Ends buckets={buckets} />
    </figure>
  );
}

function Ends({ buckets }: { buckets: readonly Bucket[] }) {
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (first === undefined || last === undefined) return null;
  const words = (ms: number) =>
    new Date(ms).toLocaleString("en", {
      month: "short",
      day: "numeric",
      ...(last.to - first.from > 3 * 86_400_000 ? {} : { hour: "numeric", minute: "2-digit" }),
    });
  return (
    <p aria-hidden className="flex justify-between text-[11px] text-muted-foreground tabular-nums">
      <span>{words(first.from)}</span>
      <span>{words(Math.min(last.to, Date.now()))}</span>
    </p>
  );
}
