import { describe, expect, it } from "vitest";
import { parseNumstat, parseRaw } from "./commit-base.ts";
import { spliceLines } from "./revert.ts";

const zeros = "0".repeat(40);
const raw = (status: string, ...paths: string[]) =>
  `${[`:100644 100644 ${zeros} ${zeros} ${status}`, ...paths].join("\0")}\0`;

describe("git's output", () => {
  it("is taken for nothing where it makes no sense, and never for a path that leads out", () => {
    for (const text of ["", "\0\0\0", ":", "nonsense", raw("M"), raw("R100", "a"), raw("Z", "a")])
      expect(parseRaw(text)).toEqual([]);
    expect(parseRaw(raw("M", "../out") + raw("A", "/etc/passwd") + raw("D", "in"))).toEqual([
      { path: "in", from: null, status: "deleted" },
    ]);
    expect(parseRaw(raw("R100", "../a", "b") + raw("C50", "a", "c"))).toEqual([
      { path: "c", from: null, status: "added" },
    ]);
    expect(parseNumstat("x\0-\t1\x001\t2\t\0").size).toBe(1);
    expect(parseNumstat(`${"9".repeat(30)}\t-\ta\0`).get("a")).toEqual({ added: null, removed: null });
  });
});

describe("lines that are put back", () => {
  const splice = (original: string, current: string, o: [number, number], c: [number, number]) =>
    spliceLines(Buffer.from(original), Buffer.from(current), {
      original: { start: o[0], count: o[1] },
      current: { start: c[0], count: c[1] },
    }).toString();

  it("are whole lines, whatever the last one ends with", () => {
    expect(splice("a\nb", "a\nb\nc\n", [1, 1], [1, 2])).toBe("a\nb");
    expect(splice("a\nb\n", "a\n", [1, 1], [1, 0])).toBe("a\nb\n");
    expect(splice("a", "b\r\na\r\nc\r\n", [0, 1], [0, 2])).toBe("a\r\nc\r\n");
    expect(splice("", "x\n", [0, 0], [0, 1])).toBe("");
  });
});
