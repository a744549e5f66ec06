import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { guardPages } from "./guard-pages.ts";

/** What becomes of a request before Next has it. */
function guard(path: string, method = "GET", headers: Record<string, string> = {}, dev = false) {
  const request = Object.assign(new IncomingMessage(new Socket()), { url: path, method });
  Object.assign(request.headers, headers);
  const response = new ServerResponse(request);
  const answered = guardPages({ dev })(request, response);
  return { request, response, answered };
}

/** A response's policy as directive → sources. */
function policyOf({ response }: { response: ServerResponse }): Map<string, string[]> {
  const policy = String(response.getHeader("content-security-policy"));
  return new Map(
    policy.split("; ").map((directive) => {
      const [name = "", ...sources] = directive.split(" ");
      return [name, sources];
    }),
  );
}

describe("the policy of a page", () => {
  it("lets it show pictures and run workers of its own, and nothing looser", () => {
    const policy = policyOf(guard("/"));
    expect(policy.get("img-src")).toEqual(["'self'", "data:", "blob:"]);
    expect(policy.get("worker-src")).toEqual(["'self'", "blob:"]);
    expect(policy.get("default-src")).toEqual(["'self'"]);
    expect(policy.get("connect-src")).toEqual(["'self'"]);
  });

  it("runs no script without this answer's nonce", () => {
    const first = policyOf(guard("/")).get("script-src") ?? [];
    const second = policyOf(guard("/")).get("script-src") ?? [];
    expect(first).toHaveLength(3);
    expect(first.some((source) => source.startsWith("'nonce-"))).toBe(true);
    expect(first).not.toEqual(second);
    expect(first).not.toContain("'unsafe-inline'");
  });

  it("lets a page that is being developed evaluate text, and no other", () => {
    expect(policyOf(guard("/", "GET", {}, true)).get("script-src")).toContain("'unsafe-eval'");
    expect(policyOf(guard("/")).get("script-src")).not.toContain("'unsafe-eval'");
  });

  it.each(["/_next/static/chunk.js", "/monaco/ts.worker-A.js"])("is none of a file's: %s", (path) => {
    expect(guard(path).response.getHeaderNames()).toEqual([]);
  });

  it("is what Next goes by, whatever the request says", () => {
    const { request, response } = guard("/", "GET", {
      "content-security-policy": "script-src 'nonce-mine'",
      "x-nonce": "mine",
      "x-path": "//evil",
    });
    expect(request.headers["content-security-policy"]).toBe(response.getHeader("content-security-policy"));
    expect(request.headers["content-security-policy"]).toContain(`'nonce-${request.headers["x-nonce"]}'`);
    expect(request.headers["x-path"]).toBe("/");
  });
});

describe("a page's own path", () => {
  it.each([
    ["/audit?action=session.created&from=2026-11-01", "/audit?action=session.created&from=2026-11-01"],
    // Next asks so when somebody goes on to another page.
    ["/settings?_rsc=1a2b3", "/settings"],
    ["http://elsewhere.example/sessions/x", "/sessions/x"],
    ["http://[", "/"],
  ])("is told to it: %s", (url, path) => {
    expect(guard(url).request.headers["x-path"]).toBe(path);
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
    const { answered, response } = guard(path);
    expect(answered).toBe(true);
    expect(response.statusCode).toBe(303);
    expect(response.getHeader("location")).toBe("/sign-in");
    expect(policyOf({ response }).get("frame-ancestors")).toEqual(["'none'"]);
    expect(response.getHeader("x-content-type-options")).toBe("nosniff");
  });

  it("keeps on the way that something failed, and nothing else", () => {
    const { response } = guard("/auth/error?error=Configuration&callbackUrl=//evil");
    expect(response.getHeader("location")).toBe("/sign-in?error=Configuration");
  });

  it.each([
    ["/auth/csrf", "GET"],
    ["/auth/callback/password", "POST"],
    ["/auth/callback/link", "POST"],
    ["/auth/signout", "POST"],
  ])("reaches next-auth, with headers, for %s by %s", (path, method) => {
    const { answered, response } = guard(path, method);
    expect(answered).toBe(false);
    expect(response.getHeader("x-content-type-options")).toBe("nosniff");
  });
});
