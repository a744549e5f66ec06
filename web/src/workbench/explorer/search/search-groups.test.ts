import { describe, expect, it } from "vitest";
import {
  groupMatches,
  highlight,
  resultAct,
  type SearchMatch,
  searchRows,
  summary,
} from "./search-groups.ts";

const match = (path: string, line: number, column = 1): SearchMatch => ({
  ...{ path, line, column, length: 3, text: "foo bar" },
});

describe("search results", () => {
  const groups = groupMatches([
    match("b10.ts", 2),
    match("b9.ts", 7),
    match("b10.ts", 1, 5),
    match("b10.ts", 1),
  ]);

  it("stand by file, files as the tree sorts them, matches as they stand in the file", () => {
    expect(
      groups.map(({ path, matches }) => [path, matches.map(({ line, column }) => [line, column])]),
    ).toEqual([
      ["b9.ts", [[7, 1]]],
      [
        "b10.ts",
        [
          [1, 1],
          [1, 5],
          [2, 1],
        ],
      ],
    ]);
  });

  it("hide the matches of a file that is closed, and keep its line", () => {
    const rows = searchRows(groups, new Set(["b10.ts"]));
    expect(rows.map(({ kind, path }) => [kind, path])).toEqual([
      ["file", "b9.ts"],
      ["match", "b9.ts"],
      ["file", "b10.ts"],
    ]);
    expect(rows[2]).toMatchObject({ count: 3, open: false });
  });

  it("are counted in words", () => {
    expect(summary(groups)).toBe("4 results in 2 files");
    expect(summary(groupMatches([match("a", 1)]))).toBe("1 result in 1 file");
  });
});

describe("the keys of the results", () => {
  const rows = searchRows(groupMatches([match("a", 1), match("a", 2), match("b", 1)]), new Set(["b"]));

  it("go through the lines and to the ends", () => {
    expect(resultAct(rows, 0, "ArrowDown")).toEqual({ act: "focus", index: 1 });
    expect(resultAct(rows, 3, "ArrowDown")).toEqual({ act: "focus", index: 3 });
    expect(resultAct(rows, 1, "End")).toEqual({ act: "focus", index: 3 });
    expect(resultAct([], 0, "ArrowDown")).toBeNull();
  });

  it("go out to the file and fold it, unfold it and go in", () => {
    expect(resultAct(rows, 2, "ArrowLeft")).toEqual({ act: "focus", index: 0 });
    expect(resultAct(rows, 0, "ArrowLeft")).toEqual({ act: "set-open", path: "a", open: false, index: 0 });
    expect(resultAct(rows, 3, "ArrowRight")).toEqual({ act: "set-open", path: "b", open: true, index: 3 });
    expect(resultAct(rows, 0, "ArrowRight")).toEqual({ act: "focus", index: 1 });
  });

  it("open a match to stay with Enter, to be looked at with Space", () => {
    expect(resultAct(rows, 1, "Enter")).toEqual({ act: "use", preview: false });
    expect(resultAct(rows, 1, " ")).toEqual({ act: "use", preview: true });
  });
});

describe("the line of a match", () => {
  const cut = (text: string, column: number, length: number) =>
    highlight({ path: "a", line: 1, column, length, text });

  it("is cut around the match, without the indentation", () => {
    expect(cut("    const foo = 1;", 11, 3)).toEqual({ before: "const ", match: "foo", after: " = 1;" });
  });

  it("shows only the end of what stands long before the match", () => {
    const { before, match: found } = cut(`${"x".repeat(60)}foo`, 61, 3);
    expect(before).toBe(`…${"x".repeat(16)}`);
    expect(found).toBe("foo");
    expect(cut("export const value = foo", 22, 3).before).toBe("…const value = ");
  });

  it("finds a match far inside a line that was itself cut around it", () => {
    const line = `${"a".repeat(2000)}NEEDLE${"b".repeat(2000)}`;
    // As the agent cuts it: 250 characters before the match, 500 in all.
    expect(cut(line.slice(1750, 2250), 2001, 6).match).toBe("NEEDLE");
  });
});
