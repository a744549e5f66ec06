"use client";

import { useEffect, useRef } from "react";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { live } from "../../lib/live.ts";
import { DraftKeeper } from "../live/draft-keeper.ts";
import { readDraft, writeDraft } from "../live/drafts.ts";
import type { Attachments } from "../model/items.ts";

interface Written {
  readonly text: string;
  readonly attachments: Attachments;
}

/** The window is in front again, or its page is seen again (phones tell no more than that). */
function onReturn(listener: () => void): () => void {
  const onSeen = () => document.visibilityState === "visible" && listener();
  window.addEventListener("focus", listener);
  document.addEventListener("visibilitychange", onSeen);
  return () => {
    window.removeEventListener("focus", listener);
    document.removeEventListener("visibilitychange", onSeen);
  };
}

/** Keeps what stands in the text box, and gives what was written on another device. */
export function useDraft(
  sessionId: string,
  conversationId: string,
  { text, attachments }: Written,
  onTaken: (written: Written) => void,
): void {
  const { id: userId } = useCurrentUser();
  const latest = useRef(onTaken);
  latest.current = onTaken;
  const keeper = useRef<DraftKeeper | null>(null);
  useEffect(() => {
    const own = new DraftKeeper({
      ...{ live, sessionId, conversationId, onReturn },
      read: () => readDraft(userId, conversationId),
      write: (draft) => writeDraft(userId, conversationId, draft),
      onTaken: (written) => latest.current(written),
    });
    keeper.current = own;
    return own.start();
  }, [userId, sessionId, conversationId]);
  useEffect(() => keeper.current?.change({ text, attachments: [...attachments] }), [text, attachments]);
}
