import { z } from "zod";
import { readPreference, writePreference } from "../../lib/preferences.ts";

const Drafts = z.record(z.string(), z.string());
const History = z.array(z.string());
const maxDrafts = 50;
const maxHistory = 100;

/** What was written into a conversation's text box and not sent. */
export function readDraft(userId: string, conversationId: string): string {
  return readPreference(userId, "claude.drafts", Drafts, {})[conversationId] ?? "";
}

export function writeDraft(userId: string, conversationId: string, text: string): void {
  const { [conversationId]: _, ...others } = readPreference(userId, "claude.drafts", Drafts, {});
  const kept = Object.entries(others).slice(-maxDrafts);
  writePreference(
    userId,
    "claude.drafts",
    Object.fromEntries(text === "" ? kept : [...kept, [conversationId, text]]),
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
