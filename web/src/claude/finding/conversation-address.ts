import type { ConversationHit, TitleHit } from "@remote-claude/protocol";
import { z } from "zod";
import type { OpenRequest } from "../live/open-request.ts";

const Address = z.object({
  conversation: z.uuid(),
  seq: z.coerce.number().int().positive().optional(),
  by: z.enum(["person", "claude"]).optional(),
  message: z.string().max(200).optional(),
});

/** The address of a session's page at a conversation, and at a message of it. */
export function addressOf(hit: ConversationHit | TitleHit): string {
  const query = new URLSearchParams({ conversation: hit.conversationId });
  if ("seq" in hit) {
    query.set("seq", String(hit.seq));
    query.set("by", hit.by);
    query.set("message", hit.messageId);
  }
  return `/sessions/${hit.sessionId}?${query}`;
}

/** What such an address asks for; null where it asks for nothing. */
export function requestIn(search: string): OpenRequest | null {
  const parsed = Address.safeParse(Object.fromEntries(new URLSearchParams(search)));
  if (!parsed.success) return null;
  const { conversation, seq, by, message } = parsed.data;
  const at =
    seq === undefined || by === undefined || message === undefined ? null : { seq, by, messageId: message };
  return { conversationId: conversation, at };
}
