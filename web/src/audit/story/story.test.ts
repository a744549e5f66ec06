import { describe, expect, it } from "vitest";
import {
  conversationId,
  idOf,
  prompt,
  readRecording,
  said,
  turnEnded,
  turnStarted,
} from "../../claude/testing/recordings.ts";
import { anEntry } from "../testing/entries.ts";
import { landmarksOf, type Piece, piecesOf } from "./pieces.ts";
import { toldOf } from "./told.ts";

const second = (count: number) => new Date(1_800_000_000_000 + count * 1000).toISOString();
const messageId = idOf(3);
const journal = [
  prompt(1, messageId, "look at it"),
  turnStarted(4, messageId),
  said(6, "msg-1", { type: "text", text: "First." }),
  said(9, "msg-1", { type: "tool_use", id: "call", name: "Bash", input: { command: "ls" } }),
  turnEnded(12),
];
const named = (pieces: readonly Piece[]) =>
  pieces.map((piece) =>
    piece.kind === "said" ? piece.item.kind : `${piece.entries[0]?.action} ×${piece.entries.length}`,
  );

describe("a session's story", () => {
  it("gives everything that was said its time, in order", () => {
    const { items } = toldOf(journal);
    expect(items.map(({ at, item }) => [item.kind, at])).toEqual([
      ["prompt", second(4)],
      ["text", second(6)],
      ["tool", second(9)],
      ["turn-end", second(12)],
    ]);
    const recorded = toldOf(readRecording("work").entries).items.map(({ at }) => at);
    expect(recorded).toEqual([...recorded].sort());
    expect(new Set(recorded).size).toBeGreaterThan(3);
  });

  it("puts what was done between what was said, and tells nothing twice", () => {
    const details = { conversationId };
    const entries = [
      anEntry({ at: second(1), action: "claude.prompted", details }),
      anEntry({ at: second(5), action: "model.requested", actorKind: "claude" }),
      anEntry({ at: second(9), action: "claude.tool-used", actorKind: "claude", details }),
      anEntry({ at: second(10), action: "egress.refused", result: "refused" }),
      anEntry({ at: second(10), action: "egress.refused", result: "refused" }),
      anEntry({ at: second(10), action: "egress.allowed" }),
      // Of a conversation that is not there any more: the record alone tells of it.
      anEntry({ at: second(20), action: "claude.prompted", details: { conversationId: idOf(9) } }),
    ];
    const pieces = piecesOf(new Map([[conversationId, toldOf(journal)]]), entries);
    expect(named(pieces)).toEqual([
      "prompt",
      "model.requested ×1",
      "text",
      "tool",
      "egress.refused ×2",
      "egress.allowed ×1",
      "turn-end",
      "claude.prompted ×1",
    ]);
    expect(new Set(pieces.map(({ key }) => key)).size).toBe(pieces.length);
  });

  it("has places to jump to: prompts, and what happened to the session", () => {
    const pieces = piecesOf(new Map([[conversationId, toldOf(journal)]]), [
      anEntry({ at: second(0), action: "session.created" }),
      anEntry({ at: second(7), action: "file.read" }),
    ]);
    expect(landmarksOf(pieces, (action) => action).map(({ title }) => title)).toEqual([
      "session.created",
      "look at it",
    ]);
  });
});
