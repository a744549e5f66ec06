import type { McpServerStatus } from "@anthropic-ai/claude-agent-sdk";
import { describe, expect, it } from "vitest";
import { serversOf } from "./mcp-status.ts";

const shown = (status: Omit<McpServerStatus, "name">) => serversOf([{ name: "one", ...status }])[0];
const run = (...args: string[]) =>
  shown({ status: "connected", config: { type: "stdio", command: "run", args } })?.target;

describe("a server as it is shown", () => {
  it("has no query, no name and no password in its address", () => {
    const url = "https://me:pass@mcp.test/path?api_key=abc#x";
    expect(shown({ status: "pending", config: { type: "http", url } })).toMatchObject({
      transport: "http",
      target: "https://mcp.test/path",
    });
  });

  it("has no tokens among its arguments, and all the rest of them", () => {
    expect(run("--api-key", "abc", "--port", "80", "-v")).toBe("run --api-key ••• --port 80 -v");
    expect(run("--token=abc", "MY_SECRET=x", "--name=y")).toBe("run --token=••• MY_SECRET=••• --name=y");
    expect(run("ghp_0123456789abcdef0123456789abcdef0123")).toBe("run •••");
    expect(
      run("@modelcontextprotocol/server-filesystem-2025", "/workspace/some/long/path/that/is/no/token1"),
    ).toBe("run @modelcontextprotocol/server-filesystem-2025 /workspace/some/long/path/that/is/no/token1");
  });

  it("does not quote in its error what it was sent", () => {
    const headers = { Authorization: "Bearer very-secret-token" };
    const error = "HTTP 401 for Bearer very-secret-token (very-secret-token)";
    const server = shown({
      status: "failed",
      error,
      config: { type: "sse", url: "https://a.test/", headers },
    });
    expect(server?.error).toBe("HTTP 401 for ••• (•••)");
  });

  it("says where it is kept, if it is one that can be removed here", () => {
    expect(shown({ status: "connected", scope: "user" })?.scope).toBe("user");
    expect(shown({ status: "connected", scope: "managed" })).toMatchObject({
      scope: null,
      transport: "other",
    });
  });
});
