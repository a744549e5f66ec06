import type { FileEntry } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { entryRows, keyAct } from "./keyboard.ts";
import { applyListing, emptyTree, flatten, setExpanded } from "./tree-model.ts";

const entry = (path: string, type: FileEntry["type"] = "file"): FileEntry => ({
  ...{ name: path, path, type, symlink: false, size: 0, ignored: false },
  modifiedAt: "2026-11-20T00:00:00.000Z",
});
/** src (open), src/lib (closed), src/a.ts, README.md */
const tree = applyListing(
  setExpanded(
    applyListing(emptyTree, "", {
      entries: [entry("src", "directory"), entry("README.md")],
      truncated: false,
    }),
    "src",
    true,
  ),
  "src",
  { entries: [entry("src/lib", "directory"), entry("src/a.ts")], truncated: false },
);
const rows = entryRows(flatten(tree));

function press(key: string, focused: number, more: Partial<KeyboardEvent> = {}) {
  const event = { key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more };
  return keyAct(rows, focused, event, 2);
}

describe("the tree's keys", () => {
  it("go up and down, to the ends, and by pages", () => {
    expect(press("ArrowDown", 0)).toEqual({ act: "focus", path: "src/lib" });
    expect(press("ArrowDown", 3)).toEqual({ act: "focus", path: "README.md" });
    expect(press("ArrowUp", 0)).toEqual({ act: "focus", path: "src" });
    expect(press("ArrowDown", -1)).toEqual({ act: "focus", path: "src" });
    expect(press("End", 0)).toEqual({ act: "focus", path: "README.md" });
    expect(press("Home", 3)).toEqual({ act: "focus", path: "src" });
    expect(press("PageDown", 0)).toEqual({ act: "focus", path: "src/a.ts" });
    expect(press("PageUp", 3)).toEqual({ act: "focus", path: "src/lib" });
  });

  it("open up and go in with the right arrow, close and go out with the left one", () => {
    expect(press("ArrowRight", 1)).toEqual({ act: "expand", path: "src/lib" });
    expect(press("ArrowRight", 0)).toEqual({ act: "focus", path: "src/lib" });
    expect(press("ArrowRight", 2)).toBeNull();
    expect(press("ArrowLeft", 0)).toEqual({ act: "collapse", path: "src" });
    expect(press("ArrowLeft", 2)).toEqual({ act: "focus", path: "src" });
    expect(press("ArrowLeft", 3)).toBeNull();
  });

  it("open files to stay with Enter, to be looked at with Space", () => {
    expect(press("Enter", 2)).toEqual({ act: "open", path: "src/a.ts", preview: false });
    expect(press(" ", 2)).toEqual({ act: "open", path: "src/a.ts", preview: true });
    expect(press("Enter", 1)).toEqual({ act: "toggle", path: "src/lib" });
  });

  it("rename, delete and open the menu for the focused line only", () => {
    expect(press("F2", 2)).toEqual({ act: "rename", path: "src/a.ts" });
    expect(press("Delete", 2)).toEqual({ act: "delete", path: "src/a.ts" });
    expect(press("Backspace", 2, { metaKey: true })).toEqual({ act: "delete", path: "src/a.ts" });
    expect(press("F10", 2, { shiftKey: true })).toEqual({ act: "menu", path: "src/a.ts" });
    expect(press("Delete", -1)).toBeNull();
  });

  it("leave the workbench's own keys alone", () => {
    expect(press("ArrowDown", 0, { ctrlKey: true })).toBeNull();
    expect(press("p", 0, { ctrlKey: true })).toBeNull();
    expect(press("F10", 0)).toBeNull();
  });
});
