import { createElement } from "react";
import { expect, it } from "vitest";
import { diffOf } from "../model/diff.ts";
import { sideRows } from "../model/diff-sides.ts";
import { draw } from "../testing/draw.ts";
import { DiffView } from "./diff-view.tsx";

const diff = diffOf({
  name: "Edit",
  input: { file_path: "/w/a.ts", old_string: "a\nb\nc\nd\n", new_string: "a\nB\nB2\nd\ne\n" },
  result: null,
});

it("puts what was added beside what was removed in its place", () => {
  const [hunk = []] = diff?.hunks ?? [];
  const text = (index: number | null) => (index === null ? "" : (hunk[index]?.text ?? "?"));
  expect(sideRows(hunk).map(({ before, after }) => [text(before), text(after)])).toEqual([
    ["a", "a"],
    ["b", "B"],
    ["c", "B2"],
    ["d", "d"],
    ["", "e"],
  ]);
});

it("begins anew when something is removed after something was added", () => {
  const line = (type: "added" | "removed" | "same") => ({ type, before: null, after: null, text: type });
  const rows = sideRows([line("removed"), line("added"), line("removed"), line("added"), line("added")]);
  expect(rows).toEqual([
    { before: 0, after: 1 },
    { before: 2, after: 3 },
    { before: null, after: 4 },
  ]);
});

it("is drawn in one column or in two", () => {
  if (diff === null) throw new Error("no diff");
  const rowsOf = (sides: boolean) => draw(createElement(DiffView, { diff, sides })).match(/<tr/g)?.length;
  expect([rowsOf(false), rowsOf(true)]).toEqual([7, 5]);
});
