import { describe, expect, it } from "vitest";
import { formatBytes, formatRelative, formatRepository, formatUsd, formatUserAgent } from "./format.ts";

const now = Date.parse("2026-11-20T12:00:00Z");

describe("formatRelative", () => {
  it.each([
    ["2026-11-20T11:59:30Z", "just now"],
    ["2026-11-20T11:58:10Z", "1 minute ago"],
    ["2026-11-20T09:00:00Z", "3 hours ago"],
    ["2026-11-19T11:00:00Z", "yesterday"],
    ["2027-02-20T12:00:00Z", "in 3 months"],
    ["2026-11-20T12:00:20Z", "just now"],
  ])("says of %s: %s", (time, text) => {
    expect(formatRelative(time, now)).toBe(text);
  });
});

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1500, "1.5 kB"],
    [999_999, "1.0 MB"],
    [184_000_000, "184 MB"],
  ])("writes %d as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("formatUsd", () => {
  it("does not call a small cost nothing", () => {
    expect([formatUsd(0), formatUsd(0.004), formatUsd(1.239)]).toEqual(["$0.00", "< $0.01", "$1.24"]);
  });
});

describe("formatRepository", () => {
  it.each([
    ["https://github.com/acme/app.git", "github.com/acme/app"],
    ["git@github.com:acme/app.git", "github.com/acme/app"],
    ["ssh://git@host.example:2222/acme/app", "host.example:2222/acme/app"],
  ])("shortens %s", (url, text) => {
    expect(formatRepository(url)).toBe(text);
  });
});

describe("formatUserAgent", () => {
  it("tells Edge from Chrome and names what it does not know as it is", () => {
    expect(formatUserAgent("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537.36 Edg/140")).toBe(
      "Edge on Windows",
    );
    expect(formatUserAgent("rclaude/1.0")).toBe("rclaude/1.0");
  });
});
