import { failureTexts } from "./failures.ts";
import type { TimelineItem } from "./items.ts";
import { spoken } from "./spoken.ts";

/** A screen reader cannot be stopped in the middle of a page of text: the rest is read in the timeline. */
const maxLength = 600;

type SaidItem = Extract<TimelineItem, { kind: "text" | "turn-end" | "turn-failure" }>;

/** Whether something is said of the item: it is finished, and not only read in the timeline. */
function isSaid(item: TimelineItem): item is SaidItem {
  if (item.kind === "text") return !item.streaming;
  return item.kind === "turn-end" || item.kind === "turn-failure";
}

function sentenceOf(item: SaidItem): string {
  switch (item.kind) {
    case "text":
      return spoken(item.text);
    case "turn-end":
      return item.outcome === "completed" ? "Claude is done." : "Claude was stopped.";
    case "turn-failure": {
      const { title, advice } = failureTexts[item.reason] ?? failureTexts.internal;
      return `${title}. ${advice}`;
    }
  }
}

/** The key of the last item that something was said of. */
export function lastSaid(items: readonly TimelineItem[]): string | null {
  return items.findLast(isSaid)?.key ?? null;
}

/** What is new since `lastKey` was the last of it; null when nothing, or when that is not here any more. */
export function saidSince(items: readonly TimelineItem[], lastKey: string | null): string | null {
  const at = items.findLastIndex(({ key }) => key === lastKey);
  if (lastKey !== null && at < 0) return null;
  const said = items.slice(at + 1).filter(isSaid);
  if (said.length === 0) return null;
  const text = said.map(sentenceOf).join("\n");
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
