import { describe, expect, it } from "vitest";
import { decorationsOf } from "./decorations.ts";

describe("git's word in the tree", () => {
  const decorations = decorationsOf([
    { path: "src/a.ts", status: "untracked" },
    { path: "src/lib/b.ts", status: "modified" },
    { path: "src/lib/c.ts", status: "conflicted" },
    { path: "drafts", status: "untracked" },
    { path: "docs/x.md", status: "added" },
  ]);

  it("gives each file its letter", () => {
    expect(decorations.of("src/a.ts")?.letter).toBe("U");
    expect(decorations.of("src/lib/b.ts")?.letter).toBe("M");
    expect(decorations.of("docs/x.md")?.letter).toBe("A");
    expect(decorations.of("README.md")).toBeNull();
  });

  it("gives a folder the gravest of what lies in it, at any depth", () => {
    expect(decorations.inside("src")?.status).toBe("conflicted");
    expect(decorations.inside("docs")?.status).toBe("added");
    expect(decorations.inside("assets")).toBeNull();
  });

  it("counts all in an untracked directory as untracked, and no neighbour of the same beginning", () => {
    expect(decorations.inside("drafts")?.status).toBe("untracked");
    expect(decorations.of("drafts/deep/n.txt")?.letter).toBe("U");
    expect(decorations.inside("drafts/deep")?.letter).toBe("U");
    expect(decorations.of("drafts-old/n.txt")).toBeNull();
  });
});
