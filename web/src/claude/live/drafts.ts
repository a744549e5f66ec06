import { ChatAttachment } from "@remote-claude/protocol";
import { z } from "zod";
import { readPreference, writePreference } from "../../lib/preferences.ts";

/** What was written into a conversation's text box and not sent. */
const Draft = z.object({
  text: z.string(),
  attachments: z.array(ChatAttachment),
  /** The server has it: what it says counts, should that be another one by now. */
  saved: z.boolean(),
});
export type Draft = z.infer<typeof Draft>;

const Drafts = z.record(z.string(), Draft);
const History = z.array(z.string());
const maxDrafts = 50;
const maxHistory = 100;

export const noDraft: Draft = { text: "", attachments: [], saved: true };

export const isEmpty = ({ text, attachments }: Pick<Draft, "text" | "attachments">) =>
  text === "" && attachments.length === 0;

/** As this browser remembers it: it is there at once, and also where there is no connection. */
export function readDraft(userId: string, conversationId: string): Draft {
  return readPreference(userId, "claude.drafts", Drafts, {})[conversationId] ?? noDraft;
}

export function writeDraft(userId: string, conversationId: string, draft: Draft): void {
  const { [conversationId]: _, ...others } = readPreference(userId, "claude.drafts", Drafts, {});
  const kept = Object.entries(others).slice(-maxDrafts);
  const forgotten = isEmpty(draft) && draft.saved;
  writePreference(
    userId,
    "claude.drafts",
    Object.fromEntries(forgotten ? kept : [...kept, [conversationId, draft]]),
  );
}

/** What this person has sent in this session, oldest first; for the arrow keys. */
export function readPromptHistory(userId: string, sessionId: string): readonly string[] {
  return readPreference(userId, `claude.history.${sessionId}`, History, []);
}

export function addToPromptHistory(userId: string, sessionId: string, text: string): void {
  const before = readPromptHistory(userId, sessionId).filter((entry) => entry !== text);
  writePreference(
    userId,
    `claude.history.${sessionId}`,
    [...before, text.slice(0, 10_000)].slice(-maxHistory),
  );
}
