import { afterEach, describe, expect, it, vi } from "vitest";
import { keysLabel, matchesKeys, registerCommand, runCommand, useCommands } from "./commands.ts";
import { getSelection, openFile, resetWorkbench, takeOpenRequests, useWorkbench } from "./store.ts";

const press = (key: string, held: Partial<KeyboardEvent> = {}) => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

afterEach(() => {
  useCommands.setState({ commands: new Map() });
  resetWorkbench();
});

describe("matchesKeys", () => {
  it("takes Mod for Cmd on a Mac and for Ctrl elsewhere", () => {
    expect(matchesKeys("Mod+P", press("p", { ctrlKey: true }), false)).toBe(true);
    expect(matchesKeys("Mod+P", press("p", { ctrlKey: true }), true)).toBe(false);
    expect(matchesKeys("Mod+P", press("p", { metaKey: true }), true)).toBe(true);
  });

  it("wants exactly the keys that are named", () => {
    expect(matchesKeys("Mod+P", press("P", { ctrlKey: true, shiftKey: true }), false)).toBe(false);
    expect(matchesKeys("Mod+Shift+P", press("P", { ctrlKey: true, shiftKey: true }), false)).toBe(true);
  });

  it("finds the backquote by its place where it types something else", () => {
    expect(matchesKeys("Ctrl+`", press("Dead", { ctrlKey: true, code: "Backquote" }), false)).toBe(true);
  });

  it("finds a key by its place where Alt, Shift or the alphabet make another character of it", () => {
    const alt = { metaKey: true, altKey: true, code: "KeyB" };
    expect(matchesKeys("Mod+Alt+B", press("∫", alt), true)).toBe(true);
    expect(matchesKeys("Mod+P", press("з", { ctrlKey: true, code: "KeyP" }), false)).toBe(true);
    const slash = { ctrlKey: true, shiftKey: true, code: "Slash" };
    expect(matchesKeys("Mod+Shift+/", press("?", slash), false)).toBe(true);
    // The letter counts where there is one: on a Dvorak keyboard it is in another place.
    expect(matchesKeys("Mod+P", press("l", { ctrlKey: true, code: "KeyP" }), false)).toBe(false);
  });

  it("leaves alone what AltGr types", () => {
    const altGr = { ctrlKey: true, altKey: true, code: "KeyN" };
    expect(matchesKeys("Mod+Alt+N", press("ń", altGr), false)).toBe(false);
    expect(matchesKeys("Mod+Alt+N", press("n", altGr), false)).toBe(true);
  });
});

it("writes keys as the person's keyboard does", () => {
  expect([keysLabel("Mod+Shift+P", false), keysLabel("Mod+Shift+P", true)]).toEqual(["Ctrl+Shift+P", "⌘⇧P"]);
});

describe("registerCommand", () => {
  it("does not take out the command that replaced it", () => {
    const [old, newer] = [vi.fn(), vi.fn()];
    const unregisterOld = registerCommand({ id: "a.b", title: "A", run: old });
    registerCommand({ id: "a.b", title: "A", run: newer });
    unregisterOld();
    runCommand("a.b");
    expect(old).not.toHaveBeenCalled();
    expect(newer).toHaveBeenCalledOnce();
  });
});

describe("openFile", () => {
  it("keeps requests until an editor is there to take them, once and in order", () => {
    openFile("a.ts");
    openFile("b.ts", { line: 3 });
    expect(takeOpenRequests()).toEqual([{ path: "a.ts" }, { path: "b.ts", line: 3 }]);
    expect(takeOpenRequests()).toEqual([]);
    expect(useWorkbench.getState().activePane).toBe("editor");
    expect(getSelection()).toBeNull();
  });
});
