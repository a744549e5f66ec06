import { describe, expect, it } from "vitest";
import { closeTabs, moveTab, noTabs, openTab, pinTab, renameTabs } from "./tabs.ts";

const open = (...paths: string[]) => paths.reduce((tabs, path) => openTab(tabs, path, false), noTabs);

describe("the editor's tabs", () => {
  it("have one preview, which the next preview replaces in its place", () => {
    const tabs = openTab(openTab(open("a"), "b", true), "c", true);
    expect(tabs).toMatchObject({ paths: ["a", "c"], preview: "c", active: "c" });
  });

  it("keep a preview that was edited or opened for good", () => {
    const edited = openTab(pinTab(openTab(open("a"), "b", true), "b"), "c", true);
    expect(edited.paths).toEqual(["a", "b", "c"]);
    expect(openTab(openTab(noTabs, "a", true), "a", false).preview).toBeNull();
  });

  it("open beside the active one", () => {
    expect(openTab(openTab(open("a", "b"), "a", false), "c", false).paths).toEqual(["a", "c", "b"]);
  });

  it("go back to the one used last when the active one closes", () => {
    const tabs = openTab(open("a", "b", "c"), "a", false);
    expect(closeTabs(tabs, new Set(["a"]))).toMatchObject({ paths: ["b", "c"], active: "c" });
    expect(closeTabs(tabs, new Set(["b"])).active).toBe("a");
    expect(closeTabs(tabs, new Set(["a", "b", "c"])).active).toBeNull();
  });

  it("can be put into another order", () => {
    expect(moveTab(open("a", "b", "c"), "c", "a").paths).toEqual(["c", "a", "b"]);
    expect(moveTab(open("a", "b", "c"), "a", null).paths).toEqual(["b", "c", "a"]);
  });

  it("go with a directory that was renamed", () => {
    const rename = (path: string) => path.replace(/^old\//, "new/");
    expect(renameTabs(open("old/a", "b"), rename)).toMatchObject({ paths: ["new/a", "b"], active: "b" });
  });
});
