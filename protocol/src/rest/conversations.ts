import * as z from "zod";
import { Id, Time } from "../ids.ts";
import { route } from "./route.ts";

/** A piece of what was said around a hit; `match` marks the words that were looked for. */
export const SnippetPart = z.object({ text: z.string(), match: z.boolean() });
export type SnippetPart = z.infer<typeof SnippetPart>;

/** A message in which all the words stand. */
export const ConversationHit = z.object({
  sessionId: Id,
  sessionName: z.string(),
  conversationId: Id,
  title: z.string().nullable(),
  archived: z.boolean(),
  /** Of the entry in the conversation's journal. */
  seq: z.int().positive(),
  at: Time,
  by: z.enum(["person", "claude"]),
  /** The prompt's id, or the model's id of Claude's message: what the page finds the message by. */
  messageId: z.string(),
  snippet: z.array(SnippetPart),
});
export type ConversationHit = z.infer<typeof ConversationHit>;

/** A conversation in whose title all the words stand. */
export const TitleHit = ConversationHit.pick({
  sessionId: true,
  sessionName: true,
  conversationId: true,
  title: true,
  archived: true,
}).extend({ lastActiveAt: Time });
export type TitleHit = z.infer<typeof TitleHit>;

export const searchConversations = route({
  method: "GET",
  path: "/api/conversations/search",
  summary:
    "What people and Claude said in every session you are part of: every word must stand in the message, the beginning of a word is enough; newest first",
  needs: "signed-in",
  scope: "claude:read",
  query: z.object({
    q: z.string().trim().min(1).max(200),
    /** Only in this session. */
    sessionId: Id.optional(),
    /** Only what was said before: the `at` of the last hit, for the next page. */
    before: Time.optional(),
    limit: z.coerce.number().int().min(1).max(100).default(30),
  }),
  reply: z.object({
    hits: z.array(ConversationHit),
    /** Of the first page alone. */
    titles: z.array(TitleHit),
    more: z.boolean(),
  }),
});

export const exportConversation = route({
  method: "GET",
  path: "/api/sessions/{sessionId}/claude/conversations/{conversationId}/export",
  summary: "A whole conversation as a file: to read (Markdown), or every entry of its journal (JSON)",
  needs: "session.view",
  scope: "claude:read",
  params: z.object({ sessionId: Id, conversationId: Id }),
  query: z.object({ format: z.enum(["markdown", "json"]).default("markdown") }),
  answers: "application/octet-stream",
  errors: ["not_found"],
});
