import { describe, expect, it } from "vitest";
import { differsInLineEndsOnly, hunksOf, linesOf } from "./hunks.ts";

const ranges = (original: string, current: string) =>
  hunksOf(original, current).map(({ original: o, current: c }) => [o.start, o.count, c.start, c.count]);

describe("hunks", () => {
  it("are the lines that differ, each by itself", () => {
    expect(ranges("a\nb\nc\nd\ne\n", "a\nB\nc\nd\ne\nf\n")).toEqual([
      [1, 1, 1, 1],
      [5, 0, 5, 1],
    ]);
    expect(ranges("a\nb\nc\n", "a\nc\n")).toEqual([[1, 1, 1, 0]]);
    expect(ranges("", "x\ny\n")).toEqual([[0, 0, 0, 2]]);
    expect(ranges("x\n", "")).toEqual([[0, 1, 0, 0]]);
    expect(ranges("same\n", "same\n")).toEqual([]);
  });

  it("see a line end, and a missing one at the end of the file", () => {
    expect(ranges("a\nb", "a\nb\n")).toEqual([[1, 1, 1, 1]]);
    expect(ranges("a\r\nb\n", "a\nb\n")).toEqual([[0, 1, 0, 1]]);
    expect(differsInLineEndsOnly("a\r\nb\r\n", "a\nb\n")).toBe(true);
    expect(differsInLineEndsOnly("a\n", "a\n")).toBe(false);
    expect(differsInLineEndsOnly("a\n", "a")).toBe(false);
  });

  it("put back one after the other, from the last to the first, give the original again", () => {
    const original = Array.from({ length: 60 }, (_, line) => `line ${line % 7}\n`).join("");
    const lines = linesOf(original);
    lines.splice(3, 2);
    lines.splice(20, 0, "new\n", "new\n");
    lines[40] = "other\n";
    let current = lines.join("");
    for (const { original: o, current: c } of hunksOf(original, current).reverse()) {
      const now = linesOf(current);
      now.splice(c.start, c.count, ...linesOf(original).slice(o.start, o.start + o.count));
      current = now.join("");
    }
    expect(current).toBe(original);
  });

  it("keep their names when they move, and twins have two", () => {
    const names = (original: string, current: string) => hunksOf(original, current).map(({ key }) => key);
    const [first] = names("a\nb\n", "A\nb\n");
    expect(names("x\ny\na\nb\n", "x\ny\nA\nb\n")).toEqual([first]);
    expect(names("a\nb\n", "AA\nb\n")).not.toEqual([first]);
    expect(new Set(names("a\n-\na\n", "A\n-\nA\n")).size).toBe(2);
  });
});
