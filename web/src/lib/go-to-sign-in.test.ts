import { describe, expect, it } from "vitest";
import { safeCallback, signInUrl } from "./go-to-sign-in.ts";

describe("safeCallback", () => {
  it.each(["/sessions/1", "/settings?a=b#c"])("goes on to %s", (path) => {
    expect(safeCallback(path)).toBe(path);
  });

  it.each([
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "sessions",
    "/sign-in",
    "",
    null,
    undefined,
  ])("stays here for %j", (path) => {
    expect(safeCallback(path)).toBe("/");
  });

  it("comes back to where signInUrl was made", () => {
    const url = new URL(signInUrl("/sessions/1?file=a&line=2"), "http://localhost");
    expect(safeCallback(url.searchParams.get("callbackUrl"))).toBe("/sessions/1?file=a&line=2");
  });
});
