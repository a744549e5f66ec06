"use client";

import type { Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useState } from "react";
import { toast } from "../../lib/toast.ts";
import type { Reading } from "../live/conversation-reader.ts";
import { type MessagePlace, useOpenRequest } from "../live/open-request.ts";
import type { TimelineItem } from "../model/items.ts";
import { usePane } from "../pane-context.tsx";

/** How long the message that was jumped to stays marked. */
const markedMs = 4000;

const isIt = ({ by, messageId }: MessagePlace, key: string) =>
  by === "person" ? key === `prompt:${messageId}` : key.startsWith(`${messageId}:`);

/** Which row holds the message; -1 for none. It may stand among what was set aside. */
export function rowOf(items: readonly TimelineItem[], place: MessagePlace): number {
  return items.findIndex(
    (item) => isIt(place, item.key) || (item.kind === "set-aside" && rowOf(item.items, place) >= 0),
  );
}

/**
 * Goes to the message that somebody has asked for (a hit of the search): loads what lies before it, scrolls there, and
 * marks its row for a while.
 */
export function useJump(
  { items, complete, loadingOlder }: Pick<Reading, "items" | "complete" | "loadingOlder">,
  virtual: Virtualizer<HTMLDivElement, HTMLDivElement>,
  leaveEnd: () => void,
): { marked: string | null; jumping: boolean } {
  const { conversationId, reader } = usePane();
  const asked = useOpenRequest((state) => state.jump);
  const place = asked?.conversationId === conversationId ? asked.at : null;
  const [marked, setMarked] = useState<string | null>(null);

  useEffect(() => {
    if (place === null || items.length === 0 || loadingOlder) return;
    const firstSeq = reader.firstSeq;
    const index = rowOf(items, place);
    if (index < 0 && !complete && firstSeq !== null && firstSeq > place.seq) {
      leaveEnd();
      void reader.loadOlder(500);
      return;
    }
    useOpenRequest.setState({ jump: null });
    if (index < 0) {
      toast.info("The message is not shown in this conversation any more.");
      return;
    }
    leaveEnd();
    virtual.scrollToIndex(index, { align: "center" });
    setMarked(items[index]?.key ?? null);
  }, [place, items, complete, loadingOlder, reader, virtual, leaveEnd]);

  useEffect(() => {
    if (marked === null) return;
    const timer = setTimeout(() => setMarked(null), markedMs);
    return () => clearTimeout(timer);
  }, [marked]);
  return { marked, jumping: place !== null };
}
