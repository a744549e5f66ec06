"use client";

import type { ConversationHit, TitleHit } from "@remote-claude/protocol";
import { useEffect } from "react";
import { focusPane } from "../../workbench/store.ts";
import { openConversation, useOpenRequest } from "../live/open-request.ts";
import { addressOf, requestIn } from "./conversation-address.ts";

/** Shows what the page's address asks for, once, and what is asked for later. */
export function useOpenRequests(show: (conversationId: string) => void): void {
  useEffect(() => {
    const request = requestIn(window.location.search);
    if (request === null) return;
    // A reload must not lead there again.
    window.history.replaceState(window.history.state, "", window.location.pathname);
    openConversation(request);
  }, []);
  const open = useOpenRequest((state) => state.open);
  useEffect(() => {
    if (open === null) return;
    useOpenRequest.setState({ open: null });
    show(open.conversationId);
    focusPane("claude");
  }, [open, show]);
}

/** Goes to what was found: in this session at once, in another one by its page. */
export function followHit(hit: ConversationHit | TitleHit, sessionId: string | null): void {
  if (hit.sessionId !== sessionId) {
    window.location.assign(addressOf(hit));
    return;
  }
  const at = "seq" in hit ? { seq: hit.seq, by: hit.by, messageId: hit.messageId } : null;
  openConversation({ conversationId: hit.conversationId, at });
}
