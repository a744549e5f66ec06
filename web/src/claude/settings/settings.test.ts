import { type SetupKind, UserSetupPath } from "@remote-claude/protocol";
import { describe, expect, it } from "vitest";
import { readServer, splitCommand } from "./read-server.ts";
import { fileNameOf, nameTrouble, pathOfNew, templates } from "./templates.ts";

const typed = { scope: "user", name: "one", type: "stdio", target: "npx -y server", values: "" } as const;

describe("a server as it is typed", () => {
  it("is a command with its arguments and variables", () => {
    expect(readServer({ ...typed, values: "API_KEY=a=b\n\nOTHER= c " })).toEqual({
      scope: "user",
      name: "one",
      config: { type: "stdio", command: "npx", args: ["-y", "server"], env: { API_KEY: "a=b", OTHER: "c" } },
    });
    expect(splitCommand(`run "two words" --x='a b' "quo\\"te" plain`)).toEqual([
      "run",
      "two words",
      "--x=a b",
      'quo"te',
      "plain",
    ]);
  });

  it("is an address with its headers", () => {
    const values = "Authorization: Bearer a:b";
    const server = { ...typed, type: "http", target: " https://mcp.test/mcp ", values } as const;
    expect(readServer(server)).toMatchObject({
      config: { type: "http", url: "https://mcp.test/mcp", headers: { Authorization: "Bearer a:b" } },
    });
  });

  it("is told what is wrong with it", () => {
    expect(readServer({ ...typed, name: "a b" })).toEqual({ error: expect.stringContaining("name") });
    expect(readServer({ ...typed, target: " " })).toEqual({ error: expect.stringContaining("command") });
    expect(readServer({ ...typed, values: "nothing" })).toEqual({
      error: expect.stringContaining("NAME=value"),
    });
    const remote = { ...typed, type: "sse", target: "ftp://x" } as const;
    expect(readServer(remote)).toEqual({ error: expect.stringContaining("address") });
    expect(readServer({ ...remote, values: "=x" })).toEqual({ error: expect.stringContaining("header") });
  });
});

describe("a new file", () => {
  it("goes where Claude Code looks for it, and where it may be written", () => {
    for (const kind of Object.keys(templates) as SetupKind[]) {
      expect(UserSetupPath.safeParse(pathOfNew(kind, "user", "my-own")).success, kind).toBe(true);
    }
    expect(pathOfNew("skill", "project", "baking")).toBe(".claude/skills/baking/SKILL.md");
    expect(pathOfNew("memory", "project", "")).toBe("CLAUDE.md");
    expect(pathOfNew("settings", "project", "")).toBe(".claude/settings.json");
  });

  it("has a name that is a file's", () => {
    expect(nameTrouble("agent", "code-reader")).toBeNull();
    expect(nameTrouble("agent", "../x")).not.toBeNull();
    expect(nameTrouble("agent", "")).not.toBeNull();
    expect(nameTrouble("memory", "")).toBeNull();
    expect(nameTrouble("settings", "")).toBeNull();
    expect(fileNameOf(" Code Reader_2 ")).toBe("code-reader-2");
  });

  it("of settings begins with a hook that does nothing, where Claude Code reads it", () => {
    const { hooks } = JSON.parse(templates.settings.text(""));
    expect(hooks.PostToolUse[0].hooks).toEqual([{ type: "command", command: "true" }]);
  });
});
