import { describe, expect, it } from "vitest";
import { anEntry } from "../testing/entries.ts";
import { landmarksOf, piecesOf } from "./pieces.ts";

describe("a session's story", () => {
  it("tells runs of the same as one piece, and each step of Claude's by itself", () => {
    const pieces = piecesOf(
      [
        { action: "session.created" },
        { action: "egress.refused", result: "refused" as const },
        { action: "egress.refused", result: "refused" as const },
        { action: "egress.refused" },
        { action: "claude.tool-used", actorKind: "claude" as const },
        { action: "claude.tool-used", actorKind: "claude" as const },
        { action: "file.read", person: null },
        { action: "file.read" },
      ].map(anEntry),
    );
    expect(pieces.map(({ entries }) => `${entries[0]?.action} ${entries.length}`)).toEqual([
      "session.created 1",
      "egress.refused 2",
      "egress.refused 1",
      "claude.tool-used 1",
      "claude.tool-used 1",
      "file.read 1",
      "file.read 1",
    ]);
    expect(new Set(pieces.map(({ key }) => key)).size).toBe(pieces.length);
  });

  it("has places to jump to: prompts, and what happened to the session", () => {
    const pieces = piecesOf([
      anEntry({ action: "session.created" }),
      anEntry({ action: "claude.prompted", details: { text: "look at it" } }),
      anEntry({ action: "file.read" }),
    ]);
    expect(landmarksOf(pieces, (action) => action).map(({ title }) => title)).toEqual([
      "session.created",
      "look at it",
    ]);
  });
});
