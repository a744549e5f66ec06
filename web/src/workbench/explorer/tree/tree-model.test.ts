import type { FileEntry } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import {
  applyFailure,
  applyListing,
  applyMove,
  emptyTree,
  flatten,
  forgetDirectory,
  missingDirectories,
  setExpanded,
  type Tree,
  touchedDirectories,
} from "./tree-model.ts";

function entry(path: string, type: FileEntry["type"] = "file"): FileEntry {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return {
    name,
    path,
    type,
    symlink: false,
    size: 0,
    modifiedAt: "2026-11-20T00:00:00.000Z",
    ignored: false,
  };
}
const directory = (path: string) => entry(path, "directory");
const listing = (...entries: FileEntry[]) => ({ entries, truncated: false });

/** src (open: src/lib (closed), src/a.ts), README.md */
function sample(): Tree {
  let tree = applyListing(emptyTree, "", listing(directory("src"), entry("README.md")));
  tree = setExpanded(tree, "src", true);
  return applyListing(tree, "src", listing(directory("src/lib"), entry("src/a.ts")));
}
const paths = (tree: Tree) => flatten(tree).map((row) => (row.kind === "entry" ? row.path : row.key));

describe("the lines of the tree", () => {
  it("show what lies in open directories, below them and one level deeper", () => {
    const rows = flatten(sample());
    expect(rows.map((row) => [row.kind === "entry" && row.path, row.level])).toEqual([
      ["src", 1],
      ["src/lib", 2],
      ["src/a.ts", 2],
      ["README.md", 1],
    ]);
    expect(rows[2]).toMatchObject({ position: 2, setSize: 2, expanded: null });
    expect(rows[0]).toMatchObject({ expanded: true });
  });

  it("leave out what lies in closed directories and git's own", () => {
    const tree = applyListing(setExpanded(sample(), "src", false), "", {
      ...listing(directory(".git"), directory("src"), entry("README.md")),
    });
    expect(paths(tree)).toEqual(["src", "README.md"]);
  });

  it("hold the field for a new entry at the top of its directory", () => {
    const rows = flatten(sample(), { directory: "src", type: "file" });
    expect(rows.map(({ kind }) => kind)).toEqual(["entry", "draft", "entry", "entry", "entry"]);
    expect(rows[1]).toMatchObject({ level: 2 });
  });

  it("say that a listing was cut, and why a directory could not be listed", () => {
    let tree = applyListing(emptyTree, "", { entries: [directory("a")], truncated: true });
    tree = applyFailure(setExpanded(tree, "a", true), "a", "no permission");
    const notes = flatten(tree).filter((row) => row.kind === "note");
    expect(notes.map(({ text, tone }) => [text, tone])).toEqual([
      ["no permission", "error"],
      ["Only the first 1 entries are shown.", "quiet"],
    ]);
  });

  it("never have two keys alike, whatever files are called", () => {
    let tree = applyListing(emptyTree, "", {
      entries: [directory("a"), entry("more"), entry("draft")],
      truncated: true,
    });
    tree = applyListing(setExpanded(tree, "a", true), "a", {
      entries: [entry("a/more"), entry("a/error")],
      truncated: true,
    });
    const keys = flatten(tree, { directory: "", type: "file" }).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("a new listing", () => {
  it("forgets subdirectories that are gone, and all below them", () => {
    let tree = setExpanded(sample(), "src/lib", true);
    tree = applyListing(tree, "src/lib", listing(entry("src/lib/b.ts")));
    tree = applyListing(tree, "src", listing(entry("src/a.ts")));
    expect([...tree.directories.keys()]).toEqual(["", "src"]);
    expect([...tree.expanded]).toEqual(["src"]);
  });

  it("keeps what it does not speak of when it was cut", () => {
    const tree = applyListing(sample(), "", { entries: [entry("README.md")], truncated: true });
    expect(tree.directories.has("src")).toBe(true);
  });

  it("does not mistake a neighbour with the same beginning for a child", () => {
    let tree = applyListing(emptyTree, "", listing(directory("src"), directory("src-old")));
    tree = applyListing(tree, "src-old", listing(entry("src-old/x")));
    tree = applyListing(tree, "src", listing());
    expect(tree.directories.has("src-old")).toBe(true);
  });

  it("ends an earlier failure", () => {
    const tree = applyListing(applyFailure(sample(), "src", "oh"), "src", listing());
    expect(tree.failed.size).toBe(0);
  });
});

describe("what must be listed", () => {
  it("is each open directory in view that was not listed yet", () => {
    let tree: Tree = { ...emptyTree, expanded: new Set(["src", "src/lib", "gone/deep"]) };
    expect(missingDirectories(tree)).toEqual([""]);
    tree = applyListing(tree, "", listing(directory("src")));
    expect(missingDirectories(tree)).toEqual(["src"]);
    tree = applyListing(tree, "src", listing(directory("src/lib")));
    expect(missingDirectories(tree)).toEqual(["src/lib"]);
    expect(missingDirectories(applyFailure(tree, "src/lib", "oh"))).toEqual([]);
  });

  it("is tried again when a directory is opened up again", () => {
    let tree = applyFailure(setExpanded(sample(), "src/lib", true), "src/lib", "oh");
    tree = setExpanded(setExpanded(tree, "src/lib", false), "src/lib", true);
    expect(missingDirectories(tree)).toEqual(["src/lib"]);
  });
});

describe("changes in the workspace", () => {
  it("touch the directory in which something came or went", () => {
    const touched = touchedDirectories(sample(), [
      { path: "src/new.ts", type: "created" },
      { path: "README.md", type: "deleted" },
    ]);
    expect([...touched].sort()).toEqual(["", "src"]);
  });

  it("touch nothing when only content changed, or git's own files", () => {
    const touched = touchedDirectories(sample(), [
      { path: "src/a.ts", type: "changed" },
      { path: ".git", type: "changed" },
    ]);
    expect(touched.size).toBe(0);
  });

  it("touch the directory that lacks the top of a new branch", () => {
    const deep = (path: string) => [...touchedDirectories(sample(), [{ path, type: "created" }])];
    expect(deep("src/new/deep/file.ts")).toEqual(["src"]);
    // src/lib is in view and closed: what happens in it is not.
    expect(deep("src/lib/file.ts")).toEqual([]);
  });

  it("touch everything when a .gitignore changed", () => {
    const touched = touchedDirectories(sample(), [{ path: ".gitignore", type: "changed" }]);
    expect([...touched].sort()).toEqual(["", "src"]);
  });
});

describe("a directory that moves or goes", () => {
  it("stays open under its new name, with what is open in it", () => {
    const tree = applyMove(setExpanded(sample(), "src/lib", true), "src", "source");
    expect([...tree.expanded]).toEqual(["source", "source/lib"]);
  });

  it("is forgotten with all below it", () => {
    const tree = forgetDirectory(setExpanded(sample(), "src/lib", true), "src");
    expect([...tree.directories.keys()]).toEqual([""]);
    expect(tree.expanded.size).toBe(0);
  });
});
