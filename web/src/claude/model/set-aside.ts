import type { ChatEventOf } from "@remote-claude/protocol";
import type { NoticeItem, SetAsideItem, TimelineItem } from "./items.ts";

const excerptLength = 80;

/**
 * Somebody went back to before a message: takes what stands from that message on out of the talk, if the talk went back
 * with the files. Of a message before the loaded entries, that is all of them.
 */
export function goBack(items: TimelineItem[], event: ChatEventOf<"rewound">, seq: number): SetAsideItem {
  const { messageId, what, files, fileCount } = event;
  const at = items.findIndex((item) => item.kind === "prompt" && item.messageId === messageId);
  const prompt = items[at];
  const excerpt = prompt?.kind === "prompt" ? prompt.text.replace(/\s+/g, " ").trim() : null;
  return {
    kind: "set-aside",
    key: `rewound:${seq}`,
    items: what === "files" ? [] : items.splice(Math.max(0, at)),
    prompt:
      excerpt !== null && excerpt.length > excerptLength ? `${excerpt.slice(0, excerptLength)}…` : excerpt,
    by: event.by?.name ?? null,
    ...{ what, files, fileCount },
  };
}

/** The entries above are copies of another conversation's. */
export function forkNotice({ by }: ChatEventOf<"forked">): Omit<NoticeItem, "kind" | "key"> {
  const text = `A new conversation from here on${by === null ? "" : ` (${by.name})`}; the other one stays as it is`;
  return { icon: "fork", text, detail: null };
}
