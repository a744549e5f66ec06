import type { ChangedFile } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { messageIn, proposedMessage } from "./commit-message.ts";

const files = (status: ChangedFile["status"], ...paths: string[]): ChangedFile[] =>
  paths.map((path) => ({ path, from: null, status, added: 1, removed: 0 }));

describe("a proposed message", () => {
  it("is the conversation's title, else tells of the files", () => {
    expect(proposedMessage(files("modified", "a"), "  fix the\n parser… ")).toBe("Fix the parser");
    expect(proposedMessage(files("added", "src/a.ts", "b.ts"), null)).toBe("Add a.ts and b.ts");
    expect(proposedMessage([...files("added", "a"), ...files("deleted", "b")], " ")).toBe("Change a and b");
    expect(proposedMessage(files("deleted", "1", "2", "3", "4"), null)).toBe("Remove 4 files");
    expect(proposedMessage(files("added", "a"), "x".repeat(200))).toHaveLength(72);
    expect(proposedMessage([], "Title")).toBe("");
  });

  it("of Claude's is what stands in its code block", () => {
    expect(messageIn("Here it is:\n\n```text\nAdd a parser\n\nBecause.\n```\n")).toBe(
      "Add a parser\n\nBecause.",
    );
    expect(messageIn("```\none\n```\nor better\n````\ntwo\n```x\n````")).toBe("two\n```x");
    expect(messageIn("  Add a parser\n")).toBe("Add a parser");
  });
});
