import { readFileSync } from "node:fs";
import { ChatDelta, type ChatEvent, JournalEntry } from "@remote-claude/protocol";

export interface Recording {
  readonly entries: readonly JournalEntry[];
  readonly deltas: readonly ChatDelta[];
}

/**
 * What the real Claude Code said in one turn on the scripted model, as its journal and its pieces; only figures and
 * lists that nothing here reads were taken out.
 */
export function readRecording(name: string): Recording {
  const lines = readFileSync(new URL(`./recordings/${name}.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { entry?: unknown; delta?: unknown });
  return {
    entries: lines.filter(({ entry }) => entry !== undefined).map(({ entry }) => JournalEntry.parse(entry)),
    deltas: lines.filter(({ delta }) => delta !== undefined).map(({ delta }) => ChatDelta.parse(delta)),
  };
}

export const conversationId = "0192f000-0000-7000-8000-000000000001";
export const turnId = "0192f000-0000-7000-8000-000000000002";
export const alice = { id: "0192f000-0000-7000-8000-00000000000a", name: "Alice" };

const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** An id that says which one it is. */
export const idOf = (number: number) => `0192f000-0000-7000-8000-${String(number).padStart(12, "0")}`;

export function entryOf(seq: number, event: ChatEvent): JournalEntry {
  return { conversationId, seq, at: new Date(1_800_000_000_000 + seq * 1000).toISOString(), event };
}

export const prompt = (seq: number, messageId: string, text = "do it") =>
  entryOf(seq, { kind: "user-message", messageId, text, attachments: [], by: alice });
export const turnStarted = (seq: number, messageId: string, turn = turnId) =>
  entryOf(seq, { kind: "turn-started", turnId: turn, messageId });
export const turnEnded = (seq: number, turn = turnId) =>
  entryOf(seq, {
    kind: "turn-ended",
    turnId: turn,
    outcome: "completed",
    durationMs: 1000,
    costUsd: 0.01,
    usage,
  });
export const said = (seq: number, messageId: string, block: Record<string, unknown>, more: object = {}) =>
  entryOf(seq, {
    kind: "sdk",
    turnId,
    message: {
      type: "assistant",
      parent_tool_use_id: null,
      message: { id: messageId, content: [block] },
      ...more,
    },
  });
export const text = (seq: number, messageId: string, words: string) =>
  said(seq, messageId, { type: "text", text: words });
export const system = (seq: number, subtype: string, fields: object = {}) =>
  entryOf(seq, { kind: "sdk", turnId, message: { type: "system", subtype, ...fields } });

export const deltaOf = (messageId: string, offset: number, words: string, more: object = {}): ChatDelta => ({
  conversationId,
  turnId,
  messageId,
  parentToolUseId: null,
  block: 0,
  blockType: "text",
  toolName: null,
  offset,
  text: words,
  ...more,
});
