import * as z from "zod";
import { JournalEntry } from "../chat-events.ts";
import { Id, Time } from "../ids.ts";
import { AuditEntry } from "./audit.ts";
import { route } from "./route.ts";

export const getAuditStory = route({
  method: "GET",
  path: "/api/audit/sessions/{sessionId}/story",
  summary:
    "A session's whole story, oldest first: what is on record of it, and what was said in it; a deleted session's too, as far as it is kept",
  needs: "audit.view",
  scope: "audit:read",
  params: z.object({ sessionId: Id }),
  query: z.object({
    /** The `next` of the answer before. */
    after: z.string().max(200).optional(),
  }),
  reply: z.object({
    /** null: nothing but the record knows of it any more. */
    session: z
      .object({
        id: Id,
        name: z.string(),
        state: z.string(),
        owner: z.object({ id: Id, name: z.string(), email: z.string() }),
        createdAt: Time,
        deletedAt: Time.nullable(),
      })
      .nullable(),
    conversations: z.array(
      z.object({ id: Id, title: z.string().nullable(), createdAt: Time, archived: z.boolean() }),
    ),
    /** Both lists end at one moment; what is later comes on the next page. */
    entries: z.array(AuditEntry),
    journal: z.array(JournalEntry),
    /** null: that was all, for now. */
    next: z.string().nullable(),
  }),
  errors: ["not_found"],
});
