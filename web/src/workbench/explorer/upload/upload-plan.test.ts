import { describe, expect, it } from "vitest";
import { directoriesOf, pathToKeepBoth, planUploads, type UploadItem } from "./upload-plan.ts";

const file = (path: string): UploadItem => ({ path, file: new File(["x"], path) });
const existing = {
  files: new Set(["docs/a.txt", "docs/set/b.txt"]),
  directories: new Set(["docs", "docs/set"]),
};

describe("an upload", () => {
  it("looks into each directory that it goes into, the outer ones first", () => {
    expect(directoriesOf([file("set/deep/x"), file("y")], "docs")).toEqual([
      "docs",
      "docs/set",
      "docs/set/deep",
    ]);
    expect(directoriesOf([file("y")], "")).toEqual([""]);
  });

  it("knows which files are there already, and merges directories", () => {
    const plan = planUploads([file("a.txt"), file("set/b.txt"), file("set/c.txt")], "docs", existing);
    expect(plan.map(({ path, conflict }) => [path, conflict])).toEqual([
      ["docs/a.txt", true],
      ["docs/set/b.txt", true],
      ["docs/set/c.txt", false],
    ]);
  });

  it("makes an empty directory only where there is none", () => {
    const plan = planUploads(
      [
        { path: "set", file: null },
        { path: "new", file: null },
      ],
      "docs",
      existing,
    );
    expect(plan.map(({ path }) => path)).toEqual(["docs/new"]);
  });

  it("keeps both under a name that neither the workspace nor the upload holds", () => {
    const planned = new Set(["docs/a (2).txt"]);
    expect(pathToKeepBoth("docs/a.txt", existing, planned)).toBe("docs/a (3).txt");
  });
});
