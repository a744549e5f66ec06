import { describe, expect, it } from "vitest";
import { isReport, pressWithCtrl } from "./terminal-keys.ts";

describe("pressWithCtrl", () => {
  it("types control characters, and leaves what has none alone", () => {
    expect(pressWithCtrl("c")).toBe("\x03");
    expect(pressWithCtrl("[")).toBe("\x1b");
    expect(pressWithCtrl(" ")).toBe("\x00");
    expect(pressWithCtrl("1")).toBe("1");
    expect(pressWithCtrl("pasted")).toBe("pasted");
  });
});

describe("isReport", () => {
  it.each([
    ["device attributes", "\x1b[?1;2c"],
    ["a cursor position", "\x1b[24;80R"],
    ["a status", "\x1b[0n"],
    ["a mode", "\x1b[?2026;2$y"],
    ["a colour", "\x1b]11;rgb:1d/1c/1b\x1b\\"],
    ["a setting", "\x1bP1$r0m\x1b\\"],
  ])("knows %s for what the terminal answered", (_, text) => {
    expect(isReport(text)).toBe(true);
  });

  it.each([
    ["an arrow", "\x1b[A"],
    ["Escape", "\x1b"],
    ["Page up", "\x1b[5~"],
    ["text", "cd"],
    ["a paste", "\x1b[200~x\x1b[201~"],
  ])("knows %s for what a person typed", (_, text) => {
    expect(isReport(text)).toBe(false);
  });
});
