import type { ChangedFile } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { changeRows, rowAct, totalsOf } from "./change-rows.ts";

const file = (path: string, added: number | null = 1): ChangedFile => ({
  path,
  from: null,
  status: "modified",
  added,
  removed: 2,
});
const files = [file("src/deep/er/a.ts"), file("src/deep/er/b.ts"), file("src/z.ts"), file("top.md", null)];
const shown = (closed: string[] = []) =>
  changeRows(files, new Set(closed)).map(
    ({ kind, name, level }) => `${level} ${name}${kind === "folder" ? "/" : ""}`,
  );

describe("the tree of changes", () => {
  it("joins folders with a single folder in them, and puts folders first", () => {
    expect(shown()).toEqual(["1 src/", "2 deep/er/", "3 a.ts", "3 b.ts", "2 z.ts", "1 top.md"]);
    expect(shown(["src/deep/er"])).toEqual(["1 src/", "2 deep/er/", "2 z.ts", "1 top.md"]);
    expect(totalsOf(files)).toEqual({ added: 3, removed: 8 });
  });

  it("is walked with the keys of every tree", () => {
    const rows = changeRows(files, new Set());
    expect(rowAct(rows, 0, "ArrowLeft")).toEqual({ act: "toggle", path: "src", open: false });
    expect(rowAct(rows, 3, "ArrowLeft")).toEqual({ act: "focus", index: 1 });
    expect(rowAct(rows, 5, "ArrowDown")).toEqual({ act: "focus", index: 5 });
    expect(rowAct(rows, 2, "Enter")).toEqual({ act: "open", index: 2, keepFocus: false });
    expect(rowAct(rows, 2, " ")).toEqual({ act: "open", index: 2, keepFocus: true });
    expect(rowAct(rows, 2, "x")).toBe(null);
    expect(rowAct([], 0, "Enter")).toBe(null);
  });
});
