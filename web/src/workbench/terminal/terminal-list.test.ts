import { describe, expect, it } from "vitest";
import { applyTerminalChange, emptyTerminalList, type TerminalListChange } from "./terminal-list.ts";

const terminal = (terminalId: string) => ({
  terminalId,
  title: terminalId,
  cols: 80,
  rows: 24,
  createdAt: "2026-11-20T00:00:00.000Z",
  endOffset: 0,
  exitCode: null,
});

const after = (...changes: TerminalListChange[]) => changes.reduce(applyTerminalChange, emptyTerminalList);
const listed = (bootId: string, ...ids: string[]): TerminalListChange => ({
  kind: "listed",
  bootId,
  terminals: ids.map(terminal),
});

describe("the list of terminals", () => {
  it("says how many a restarted agent has taken with it", () => {
    const list = after(listed("one", "a", "b"), listed("two"));
    expect(list).toMatchObject({ terminals: [], activeId: null, lost: 2 });
    expect(applyTerminalChange(list, { kind: "changed", terminal: terminal("c") }).lost).toBe(0);
  });

  it("keeps the active terminal over a reconnect to the same agent", () => {
    const list = after(
      listed("one", "a", "b"),
      { kind: "activated", terminalId: "a" },
      listed("one", "a", "b"),
    );
    expect(list).toMatchObject({ activeId: "a", lost: 0 });
  });

  it("moves to the neighbour when the active one closes, and stays where it is otherwise", () => {
    const list = after(listed("one", "a", "b", "c"), { kind: "activated", terminalId: "b" });
    expect(applyTerminalChange(list, { kind: "closed", terminalId: "b" }).activeId).toBe("c");
    expect(applyTerminalChange(list, { kind: "closed", terminalId: "a" }).activeId).toBe("b");
  });

  it("does not list a terminal twice when its event and its reply both come", () => {
    const list = after(
      listed("one"),
      { kind: "changed", terminal: terminal("a") },
      { kind: "changed", terminal: { ...terminal("a"), title: "renamed" } },
    );
    expect(list.terminals.map(({ title }) => title)).toEqual(["renamed"]);
  });
});
