import { describe, expect, it } from "vitest";
import { anchorOf, commentAttachments, commentsMessage, type ReviewComment } from "./comments.ts";

const comment = (path: string, lines: [number, number], code: string, text: string): ReviewComment => ({
  id: `${path}${lines}`,
  path,
  lines,
  code,
  text,
});

describe("comments", () => {
  it("become one message: by file and line, each with its code", () => {
    const comments = [
      comment("src/b.ts", [3, 3], "const b = 1;", "Use a better name."),
      comment("src/a.ts", [10, 11], "one();\ntwo();", " In the other order, please.\n"),
      comment("src/a.ts", [2, 2], "", "A blank line too many."),
    ];
    expect(commentsMessage(comments)).toBe(
      [
        "I have looked at your changes and have 3 comments:",
        "src/a.ts:2\n```\n\n```\nA blank line too many.",
        "src/a.ts:10-11\n```\none();\ntwo();\n```\nIn the other order, please.",
        "src/b.ts:3\n```\nconst b = 1;\n```\nUse a better name.",
      ].join("\n\n"),
    );
    expect(commentAttachments(comments)).toEqual([
      { path: "src/a.ts", lines: [2, 2] },
      { path: "src/a.ts", lines: [10, 11] },
      { path: "src/b.ts", lines: [3, 3] },
    ]);
  });

  it("quote code that holds fences, and of long passages the beginning", () => {
    expect(commentsMessage([comment("a.md", [1, 1], "````", "Hm.")])).toContain("`````\n````\n`````\nHm.");
    const long = Array.from({ length: 30 }, (_, line) => `line ${line}`).join("\n");
    expect(commentsMessage([comment("a", [1, 30], long, "Too long.")])).toContain(
      "line 11\n… (18 more lines)\n```",
    );
  });

  it("stay at their lines when these move, and near them when they are gone", () => {
    const noted = comment("a", [2, 3], "b\nc", "x");
    expect(anchorOf(noted, ["a", "b", "c"])).toBe(3);
    expect(anchorOf(noted, ["new", "new", "a", "b", "c"])).toBe(5);
    expect(anchorOf(noted, ["a", "z"])).toBe(2);
  });
});
