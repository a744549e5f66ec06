import type { TimelineItem } from "./items.ts";

/** A screen reader cannot be stopped in the middle of a page of text: the rest is read in the timeline. */
const maxLength = 600;

/** The key of the last message that is finished. */
export function lastSaid(items: readonly TimelineItem[]): string | null {
  return items.findLast((item) => item.kind === "text" && !item.streaming)?.key ?? null;
}

/** What Claude has said since `lastKey` was the last of it; null when nothing, or when that is not here any more. */
export function saidSince(items: readonly TimelineItem[], lastKey: string | null): string | null {
  const at = items.findLastIndex(({ key }) => key === lastKey);
  if (lastKey !== null && at < 0) return null;
  const texts = items
    .slice(at + 1)
    .flatMap((item) => (item.kind === "text" && !item.streaming ? [item.text] : []));
  if (texts.length === 0) return null;
  const text = texts.join("\n");
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
