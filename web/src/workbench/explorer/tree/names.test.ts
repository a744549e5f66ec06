import { describe, expect, it } from "vitest";
import { freeName, nameProblem, stemLength } from "./names.ts";

describe("a name", () => {
  const siblings = ["a.ts", "lib"];
  const problem = (name: string, nested = true) => nameProblem(name, siblings, { nested });

  it("may be anything that a file can be called", () => {
    for (const name of ["b.ts", ".env", "ünï cödé", "a:b", "dir/file.ts", "dir/"])
      expect(problem(name)).toBeNull();
  });

  it("is not empty, not taken, and does not lead elsewhere", () => {
    for (const name of ["", "  ", "a.ts", " a.ts ", "..", "../x", "x/../y", "/x", "x//y", "x\0y", "\ud800"])
      expect(problem(name), JSON.stringify(name)).not.toBeNull();
  });

  it("is measured in bytes, part by part", () => {
    expect(problem("é".repeat(127))).toBeNull();
    expect(problem("é".repeat(128))).toContain("too long");
  });

  it("may stay as it is, and holds no slash, when an entry is renamed", () => {
    expect(nameProblem("a.ts", siblings, { nested: false, own: "a.ts" })).toBeNull();
    expect(nameProblem("lib", siblings, { nested: false, own: "a.ts" })).toContain("exists");
    expect(problem("x/y", false)).toContain("slash");
  });

  it("is selected up to its extension when it is renamed", () => {
    expect(stemLength("a.test.ts", "file")).toBe(6);
    expect(stemLength(".gitignore", "file")).toBe(10);
    expect(stemLength("v1.2", "directory")).toBe(4);
  });

  it("gets a number that is free beside one that is taken", () => {
    const taken = new Set(["notes (2).txt"]);
    expect(freeName("notes.txt", (name) => taken.has(name))).toBe("notes (3).txt");
    expect(freeName("Makefile", () => false)).toBe("Makefile (2)");
  });
});
