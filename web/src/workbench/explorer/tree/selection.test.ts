import { describe, expect, it } from "vitest";
import { outermost } from "./paths.ts";
import { selectOne, selectRange, selectToggled, targetsOf, typeAhead } from "./selection.ts";

const order = ["a", "b", "c", "d"];

describe("a selection", () => {
  it("grows and shrinks from its anchor with Shift", () => {
    const wide = selectRange(selectOne("b"), "d", order);
    expect([...wide.paths]).toEqual(["b", "c", "d"]);
    const back = selectRange(wide, "a", order);
    expect([...back.paths]).toEqual(["a", "b"]);
    expect(back.anchor).toBe("b");
  });

  it("begins anew when its anchor is no longer in view", () => {
    expect([...selectRange(selectOne("gone"), "c", order).paths]).toEqual(["c"]);
  });

  it("takes single lines in and out with Ctrl", () => {
    const two = selectToggled(selectOne("a"), "c");
    expect([...two.paths]).toEqual(["a", "c"]);
    expect([...selectToggled(two, "a").paths]).toEqual(["c"]);
  });

  it("is what an act on one of its lines is about, and not an act on another line", () => {
    const two = selectToggled(selectOne("a"), "c");
    expect(targetsOf(two, "c")).toEqual(["a", "c"]);
    expect(targetsOf(two, "d")).toEqual(["d"]);
  });

  it("does not act twice on what lies in a selected directory", () => {
    expect(outermost(["src", "src/a.ts", "src-old", "docs/x"])).toEqual(["src", "src-old", "docs/x"]);
  });
});

describe("type-ahead", () => {
  const names = ["alpha", "Beta", "bravo", "gamma"];

  it("goes to the next name that begins so, and round the end", () => {
    expect(typeAhead(names, 0, "b", false)).toBe(1);
    expect(typeAhead(names, 1, "b", false)).toBe(2);
    expect(typeAhead(names, 2, "b", false)).toBe(1);
  });

  it("stays where it is while more letters fit", () => {
    expect(typeAhead(names, 1, "be", true)).toBe(1);
    expect(typeAhead(names, 1, "br", true)).toBe(2);
    expect(typeAhead(names, 1, "x", true)).toBe(-1);
  });
});
