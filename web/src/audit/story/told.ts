import type { JournalEntry } from "@remote-claude/protocol";
import { foldItems } from "../../claude/model/fold.ts";
import type { TimelineItem } from "../../claude/model/items.ts";
import { blockKey } from "../../claude/model/partials.ts";
import { contentOf, messageIdOf } from "../../claude/model/sdk.ts";
import { buildTimeline } from "../../claude/model/timeline.ts";

/** Something of a conversation, and when it was. */
export interface ToldItem {
  readonly at: string;
  readonly item: TimelineItem;
}

/** What of a conversation the page holds. */
export interface Told {
  readonly cwd: string | null;
  readonly items: readonly ToldItem[];
}

/** When each item of the timeline came, by its key. */
function timesOf(entries: readonly JournalEntry[]): Map<string, string> {
  const times = new Map<string, string>();
  const blocks = new Map<string, number>();
  for (const { at, seq, event } of entries) {
    times.set(`notice:${seq}`, at);
    if (event.kind === "turn-ended" || event.kind === "turn-failed") times.set(`turn:${event.turnId}`, at);
    // A prompt stands where its turn began: it may have waited.
    if (event.kind === "turn-started") times.set(`prompt:${event.messageId}`, at);
    if (event.kind === "permission-asked" && !times.has(`tool:${event.toolUseId}`)) {
      times.set(`tool:${event.toolUseId}`, at);
    }
    if (event.kind !== "sdk" || event.message.type !== "assistant") continue;
    const id = messageIdOf(event.message);
    for (const _ of contentOf(event.message)) {
      const index = blocks.get(id) ?? 0;
      blocks.set(id, index + 1);
      times.set(blockKey(id, index), at);
    }
  }
  return times;
}

/** A conversation as it was told, oldest first: each item with its time, never before the one above it. */
export function toldOf(entries: readonly JournalEntry[]): Told {
  const times = timesOf(entries);
  const { items, cwd } = buildTimeline(entries);
  let last = entries[0]?.at ?? "";
  return {
    cwd,
    items: foldItems(items).map((item) => {
      const at = times.get(item.key.replace(/^group:/, "")) ?? last;
      if (at > last) last = at;
      return { at: last, item };
    }),
  };
}
