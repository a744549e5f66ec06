import { describe, expect, it } from "vitest";
import { minimalEdits, type TextEdit } from "./minimal-edits.ts";

/** As an editor applies them: all offsets are of the old text. */
function apply(before: string, edits: readonly TextEdit[]): string {
  let [text, at] = ["", 0];
  for (const { start, end, text: inserted } of edits) {
    expect(start).toBeGreaterThanOrEqual(at);
    text += before.slice(at, start) + inserted;
    at = end;
  }
  return text + before.slice(at);
}

describe("minimalEdits", () => {
  it.each([
    ["nothing", "a\nb\n", "a\nb\n", 0],
    ["a word in the middle", "one\ntwo\nthree\n", "one\ntwice\nthree\n", 1],
    ["lines far apart", "1\n2\n3\n4\n5\n6\n7\n", "1\nx\n3\n4\n5\ny\n7\n", 2],
    ["lines put in", "a\nb\n", "a\nnew\nb\n", 1],
    ["lines taken out", "a\nb\nc\n", "a\nc\n", 1],
    ["the end without a line end", "a\nb", "a\nb\n", 1],
    ["everything", "a", "", 1],
    ["something out of nothing", "", "a\n", 1],
    ["repeated lines", "x\nx\nx\n", "x\nx\n", 1],
  ])("turns one text into the other: %s", (_, before, after, count) => {
    const edits = minimalEdits(before, after);
    expect(apply(before, edits)).toBe(after);
    expect(edits).toHaveLength(count);
  });

  it("touches only the characters that differ", () => {
    expect(minimalEdits("keep\nconst a = 1;\nkeep\n", "keep\nconst a = 23;\nkeep\n")).toEqual([
      { start: 15, end: 16, text: "23" },
    ]);
  });

  it("is right for any two texts, and for texts too different to be worth a diff", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const text = (lines: number, words: number) =>
      Array.from({ length: lines }, () => `line ${random(words)}`).join("\n");
    for (let round = 0; round < 200; round += 1) {
      const [before, after] = [text(random(30), 4), text(random(30), 4)];
      expect(apply(before, minimalEdits(before, after))).toBe(after);
    }
    const [before, after] = [text(3000, 1_000_000), text(3000, 1_000_000)];
    expect(apply(before, minimalEdits(before, after))).toBe(after);
  });
});
