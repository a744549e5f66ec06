import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { McpServer } from "@remote-claude/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiEnd } from "./testing/api-end.ts";
import { OauthMcp } from "./testing/oauth-mcp.ts";
import { SessionPlace } from "./testing/session-place.ts";

const place = new SessionPlace();
let api: ApiEnd;
let conversationId: string;
vi.setConfig({ testTimeout: 180_000 });
const patience = { timeout: 120_000, interval: 50 };
const echo = fileURLToPath(new URL("./testing/echo-mcp.mjs", import.meta.url));
const secret = "sk-this-is-nobody's-business-42";

beforeAll(async () => {
  await place.start();
  place.model.director.define("say", {
    steps: [
      { content: [{ type: "tool_use", name: "mcp__echo__say", input: { text: "good morning" } }] },
      { content: [{ type: "text", text: "Said." }] },
    ],
  });
});
afterAll(() => place.dispose());
beforeEach(async () => {
  api?.close();
  conversationId = randomUUID();
  api = await place.connect();
  api.only = conversationId;
  await api.send("chat.follow", { cursors: {} });
  return () => api.close();
});

const ended = (count = 1) =>
  vi.waitFor(
    () => expect([...api.events("turn-ended"), ...api.events("turn-failed")]).toHaveLength(count),
    patience,
  );
const serverIn = (where: string, name: string, fits: (server: McpServer | undefined) => void) =>
  vi.waitFor(async () => {
    const { servers } = await api.send("claude.servers", { conversationId: where });
    fits(servers.find((candidate) => candidate.name === name));
    return servers;
  }, patience);
const server = (name: string, fits: (server: McpServer | undefined) => void) =>
  serverIn(conversationId, name, fits);
const has = (status: McpServer["status"]) => (found: McpServer | undefined) =>
  expect(found).toMatchObject({ status });
const stdio = (env: Record<string, string> = {}) => ({
  type: "stdio" as const,
  command: process.execPath,
  args: [echo],
  env,
});

describe("MCP servers", () => {
  it("are added, serve their tools, are switched off and on and removed, and keep their secrets", async () => {
    await api.send("claude.add-server", { scope: "user", name: "echo", config: stdio({ API_KEY: secret }) });
    const servers = await server("echo", has("connected"));
    expect(servers.find(({ name }) => name === "echo")).toMatchObject({
      scope: "user",
      transport: "stdio",
      version: "1.2.3",
      tools: [{ name: "say" }],
    });
    expect(JSON.stringify(servers)).not.toContain(secret);

    await api.prompt(conversationId, "[[script:say]]");
    const asked = await vi.waitFor(() => {
      const [question] = api.events("permission-asked");
      if (question === undefined) throw new Error("no question yet");
      return question;
    }, patience);
    expect(asked.toolName).toBe("mcp__echo__say");
    await api.send("chat.answer", { conversationId, requestId: asked.requestId, decision: "allow" });
    await ended();
    expect(JSON.stringify(place.model.messageRequests.at(-1)?.body)).toContain("echo: good morning");

    const twice = api.send("claude.add-server", { scope: "user", name: "echo", config: stdio() });
    await expect(twice).rejects.toMatchObject({ code: "conflict" });
    const off = { conversationId, name: "echo" };
    await api.send("claude.switch-server", { ...off, enabled: false });
    await server("echo", has("disabled"));
    await api.send("claude.switch-server", { ...off, enabled: true });
    await server("echo", has("connected"));
    await api.send("claude.remove-server", { scope: "user", name: "echo" });
    await server("echo", (found) => expect(found).toBeUndefined());
    const gone = api.send("claude.remove-server", { scope: "user", name: "echo" });
    await expect(gone).rejects.toMatchObject({ code: "not_found" });
  });

  it("of the project are written into .mcp.json, and say why they do not run", async () => {
    const config = { type: "stdio" as const, command: "no-such-program", args: ["--token", secret], env: {} };
    await api.send("claude.add-server", { scope: "project", name: "broken", config });
    expect(JSON.parse(readFileSync(join(place.workspace, ".mcp.json"), "utf8")).mcpServers).toHaveProperty(
      "broken",
    );
    const servers = await server("broken", has("failed"));
    const found = servers.find(({ name }) => name === "broken");
    expect(found).toMatchObject({ scope: "project", target: "no-such-program --token •••" });
    expect(JSON.stringify(servers)).not.toContain(secret);
    // Again it fails, which is no error of whoever asked; a name that is not known is.
    await api.send("claude.reconnect-server", { conversationId, name: "broken" });
    const unknown = api.send("claude.reconnect-server", { conversationId, name: "nobody" });
    await expect(unknown).rejects.toMatchObject({ code: "not_found" });
    await api.send("claude.remove-server", { scope: "project", name: "broken" });
  });
});

describe("an MCP server that wants a sign-in", () => {
  const guarded = new OauthMcp();
  beforeAll(() => guarded.listen());
  afterAll(() => guarded.close());
  const name = "guarded";

  it("is signed in to by a person's browser, whose last address is brought back", async () => {
    const config = { type: "http" as const, url: `${guarded.origin}/mcp`, headers: {} };
    await api.send("claude.add-server", { scope: "user", name, config });
    await api.prompt(conversationId, "Begin");
    await ended();
    const second = randomUUID();
    api.only = second;
    await api.prompt(second, "Begin another");
    await ended(2);
    await serverIn(second, name, has("needs-auth"));
    await server(name, has("needs-auth"));
    const { url } = await api.send("claude.begin-sign-in", { conversationId, name });
    expect(url).toContain(`${guarded.origin}/authorize?`);
    const address = await guarded.allow(url ?? "");
    expect(new URL(address).hostname).toMatch(/^(localhost|127\.0\.0\.1)$/);

    const forged = new URL(address);
    forged.searchParams.set("state", "of-another-sign-in");
    const finish = (at: string) => api.send("claude.finish-sign-in", { conversationId, name, address: at });
    await expect(finish(forged.href)).rejects.toMatchObject({ code: "bad_request" });
    await finish(address);
    const servers = await server(name, has("connected"));
    expect(servers.find((one) => one.name === name)).toMatchObject({ tools: [{ name: "look" }] });
    await expect(finish(address)).rejects.toMatchObject({ code: "conflict" });
    // The tokens are the session's: another conversation, which was open meanwhile, has the server too.
    await serverIn(second, name, has("connected"));
    await api.send("claude.remove-server", { scope: "user", name });
  });

  it("is known by its name, and has no sign-in under way that nobody began", async () => {
    const nobody = { conversationId, name: "nobody" };
    await expect(api.send("claude.begin-sign-in", nobody)).rejects.toMatchObject({ code: "not_found" });
    const address = "http://localhost:1/callback?code=a&state=b";
    await expect(api.send("claude.finish-sign-in", { ...nobody, address })).rejects.toMatchObject({
      code: "conflict",
    });
  });
});

describe("the files that shape Claude", () => {
  it("are those of project and home, by the names they go by, and what Claude Code has of its own", async () => {
    const folder = join(place.workspace, ".claude");
    mkdirSync(join(folder, "agents"), { recursive: true });
    mkdirSync(join(folder, "skills/baking"), { recursive: true });
    writeFileSync(join(place.workspace, "CLAUDE.md"), "# Project\n");
    writeFileSync(
      join(folder, "agents/reader.md"),
      '---\nname: reader\ndescription: "Reads for others"\n---\nRead.\n',
    );
    writeFileSync(join(folder, "skills/baking/SKILL.md"), "---\nname: baking\ndescription: Bread\n---\n");
    writeFileSync(
      join(folder, "settings.json"),
      JSON.stringify({
        hooks: { Stop: [{ hooks: [{ type: "command", command: "echo the turn is over" }] }] },
      }),
    );
    await api.send("claude.reload", {});
    const setup = await vi.waitFor(async () => {
      const answer = await api.send("claude.setup", { conversationId });
      expect(answer.agents.map(({ name }) => name)).toContain("reader");
      return answer;
    }, patience);
    expect(setup.files).toEqual(
      expect.arrayContaining([
        { kind: "memory", scope: "project", path: "CLAUDE.md", name: "CLAUDE.md", description: "" },
        {
          kind: "agent",
          scope: "project",
          path: ".claude/agents/reader.md",
          name: "reader",
          description: "Reads for others",
        },
        {
          kind: "skill",
          scope: "project",
          path: ".claude/skills/baking/SKILL.md",
          name: "baking",
          description: "Bread",
        },
      ]),
    );
    expect(setup.hooks).toMatchObject([{ event: "Stop", runs: "echo the turn is over" }]);
    expect(setup.outputStyles).toMatchObject({ current: "default" });
    expect(setup.agents.map(({ name }) => name)).toContain("general-purpose");
  });

  it("of the home are read, written and deleted by version, and count from the next turn on", async () => {
    const path = "CLAUDE.md";
    const { etag } = await api.send("claude.write-file", { path, content: "Say quince.\n", ifMatch: null });
    const again = api.send("claude.write-file", { path, content: "other", ifMatch: null });
    await expect(again).rejects.toMatchObject({ code: "precondition_failed" });
    expect(await api.send("claude.read-file", { path })).toEqual({ content: "Say quince.\n", etag });
    await api.prompt(conversationId, "[[script:hello]]");
    await ended();
    expect(JSON.stringify(place.model.messageRequests.at(-1)?.body)).toContain("Say quince.");
    const edit = { path, content: "Say medlar.\n", ifMatch: etag };
    const { etag: later } = await api.send("claude.write-file", edit);
    await expect(api.send("claude.write-file", edit)).rejects.toMatchObject({ code: "precondition_failed" });
    await api.prompt(conversationId, "[[script:hello]] again");
    await ended(2);
    expect(JSON.stringify(place.model.messageRequests.at(-1)?.body)).toContain("Say medlar.");
    await api.send("claude.delete-file", { path, ifMatch: later });
    expect(existsSync(join(place.home, ".claude", path))).toBe(false);
    await expect(api.send("claude.read-file", { path })).rejects.toMatchObject({ code: "not_found" });
  });

  it("are no others: not Claude Code's own, not what lies elsewhere, by no way", async () => {
    const write = (path: string) => api.sendRaw("claude.write-file", { path, content: "x", ifMatch: null });
    for (const path of [
      "../.bashrc",
      ".credentials.json",
      "projects/a.jsonl",
      "agents/../../x.md",
      "agents/.hidden.md",
      "/etc/x.md",
      "agents/x.sh",
    ]) {
      await expect(write(path), path).rejects.toMatchObject({ code: "bad_request" });
      await expect(api.sendRaw("claude.read-file", { path }), path).rejects.toMatchObject({
        code: "bad_request",
      });
    }
    mkdirSync(join(place.home, ".claude"), { recursive: true });
    symlinkSync(place.root, join(place.home, ".claude/commands"));
    await expect(write("commands/out.md")).rejects.toMatchObject({ code: "bad_request" });
    expect(existsSync(join(place.root, "out.md"))).toBe(false);
  });

  it("choose how Claude writes", async () => {
    await api.send("claude.choose-style", { conversationId, name: "Explanatory" });
    const { outputStyles } = await api.send("claude.setup", { conversationId });
    expect(outputStyles).toMatchObject({ current: "Explanatory" });
    expect(outputStyles.available).toContain("Learning");
  });
});
