import { NextRequest } from "next/server.js";
import { describe, expect, it } from "vitest";
import { config, proxy } from "./proxy.ts";

const origin = "https://claude.example";
const answer = (path: string, method = "GET") => proxy(new NextRequest(origin + path, { method }));

/** A response's policy as directive → sources. */
function policyOf(response: Response): Map<string, string[]> {
  const policy = response.headers.get("content-security-policy") ?? "";
  return new Map(
    policy.split("; ").map((directive) => {
      const [name = "", ...sources] = directive.split(" ");
      return [name, sources];
    }),
  );
}

describe("the policy of a page", () => {
  it("lets it show pictures and run workers of its own, and nothing looser", () => {
    const policy = policyOf(answer("/"));
    expect(policy.get("img-src")).toEqual(["'self'", "data:", "blob:"]);
    expect(policy.get("worker-src")).toEqual(["'self'", "blob:"]);
    expect(policy.get("default-src")).toEqual(["'self'"]);
    expect(policy.get("connect-src")).toEqual(["'self'"]);
  });

  it("runs no script without this answer's nonce", () => {
    const first = policyOf(answer("/")).get("script-src") ?? [];
    const second = policyOf(answer("/")).get("script-src") ?? [];
    expect(first).toHaveLength(3);
    expect(first.some((source) => source.startsWith("'nonce-"))).toBe(true);
    expect(first).not.toEqual(second);
    expect(first).not.toContain("'unsafe-inline'");
  });
});

describe("what next-auth would answer", () => {
  it.each([
    "/auth/verify-request",
    "/auth/signout",
    "/auth/callback/password",
    "/auth/session",
    "/auth/no-such-thing",
  ])("is the sign-in page, with all headers, for GET %s", (path) => {
    const response = answer(path);
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe(`${origin}/sign-in`);
    expect(policyOf(response).get("frame-ancestors")).toEqual(["'none'"]);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("keeps on the way that something failed, and nothing else", () => {
    const location = answer("/auth/error?error=Configuration&callbackUrl=//evil").headers.get("location");
    expect(location).toBe(`${origin}/sign-in?error=Configuration`);
  });

  it.each([
    ["/auth/csrf", "GET"],
    ["/auth/callback/password", "POST"],
    ["/auth/callback/link", "POST"],
    ["/auth/signout", "POST"],
  ])("reaches next-auth, with headers, for %s by %s", (path, method) => {
    const response = answer(path, method);
    expect(response.headers.get("x-middleware-next")).toBe("1");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("is covered by the paths that the proxy is asked about", () => {
    const matcher = new RegExp(`^${config.matcher[0]?.source}$`);
    expect(matcher.test("/auth/error")).toBe(true);
    expect(matcher.test("/_next/static/chunk.js")).toBe(false);
  });
});
