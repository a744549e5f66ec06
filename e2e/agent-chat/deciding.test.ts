import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Payload } from "@remote-claude/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type ApiEnd, alice, bob } from "./testing/api-end.ts";
import { SessionPlace } from "./testing/session-place.ts";

const place = new SessionPlace({ chat: { idleMs: 30_000 } });
const settingsFiles = {
  local: join(place.workspace, ".claude/settings.local.json"),
  project: join(place.workspace, ".claude/settings.json"),
  user: join(place.home, ".claude/settings.json"),
};
let api: ApiEnd;
let conversationId: string;
vi.setConfig({ testTimeout: 240_000 });
const patience = { timeout: 60_000, interval: 10 };
const ended = (count = 1) =>
  vi.waitFor(
    () => expect([...api.events("turn-ended"), ...api.events("turn-failed")]).toHaveLength(count),
    patience,
  );
const question = (index = 0) =>
  vi.waitFor(() => {
    const asked = api.events("permission-asked")[index];
    if (asked === undefined) throw new Error("no question yet");
    return asked;
  }, patience);
const answer = (given: Omit<Payload<"chat.answer">, "conversationId">, by = alice) =>
  api.send("chat.answer", { conversationId, ...given }, by);
const touches = (file: string) => ({
  steps: [
    { content: [{ type: "tool_use", name: "Bash", input: { command: `touch ${file}`, description: "t" } }] },
    { content: [{ type: "text", text: "Touched." }] },
  ],
});
const put = (path: string, settings: unknown) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(settings));
};
/** Another conversation of the session, with a process of its own. */
const elsewhere = () => {
  conversationId = randomUUID();
  api.only = conversationId;
  api.entries.length = 0;
};

beforeAll(() => place.start());
afterAll(() => place.dispose());
beforeEach(async () => {
  api?.close();
  for (const path of Object.values(settingsFiles)) rmSync(path, { force: true });
  conversationId = randomUUID();
  api = await place.connect();
  const { rules } = await api.send("rule.list", {});
  for (const rule of rules) await api.send("rule.remove", rule);
  api.only = conversationId;
  await api.send("chat.follow", { cursors: {} });
  return () => api.close();
});

describe("what is allowed for the session", () => {
  it("is allowed in its other conversations too, and no more once the rule is taken back", async () => {
    place.model.director.define("one", {
      steps: [
        { content: [{ type: "tool_use", name: "Bash", input: { command: "make one", description: "m" } }] },
        { content: [{ type: "text", text: "Made." }] },
      ],
    });
    await api.prompt(conversationId, "[[script:one]]");
    const asked = await question();
    expect(asked.rules).toEqual(["Bash(make one *)"]);
    await answer({ requestId: asked.requestId, decision: "allow-for-session" }, bob);
    await ended();
    expect(api.events("permission-answered")).toMatchObject([
      { by: bob, rules: ["Bash(make one *)"], scope: "session" },
    ]);
    expect(api.events("configured")).toEqual([]);

    await api.prompt(conversationId, "[[script:one]] again");
    await ended(2);
    expect(api.events("permission-asked")).toHaveLength(1);
    const first = { conversationId, entries: [...api.entries] };
    elsewhere();
    await api.prompt(conversationId, "[[script:one]]");
    await ended();
    expect(api.events("permission-asked")).toEqual([]);

    const { rules } = await api.send("rule.list", {});
    expect(rules).toEqual([{ rule: "Bash(make one *)", behavior: "allow", scope: "session" }]);
    for (const rule of rules) await api.send("rule.remove", rule);
    // Both processes live, and both ask again.
    await api.prompt(conversationId, "[[script:one]] third");
    await answer({ requestId: (await question()).requestId, decision: "deny" });
    await ended(2);
    api.entries.splice(0, api.entries.length, ...first.entries);
    ({ conversationId } = first);
    api.only = conversationId;
    await api.prompt(conversationId, "[[script:one]] third");
    await answer({ requestId: (await question(1)).requestId, decision: "deny" });
    await ended(3);
  });
});

describe("a rule that is kept", () => {
  it.each(["local", "project", "user"] as const)(
    "as a person has changed it, is in the file of %s, and Claude Code goes by it",
    async (scope) => {
      place.model.director.define("kept", touches("kept.txt"));
      await api.prompt(conversationId, "[[script:kept]]");
      const { requestId, suggested } = await question();
      expect(suggested).toEqual(["Bash(touch kept.txt)"]);
      const rules = ["Bash(touch:*)"];
      await answer({ requestId, decision: "allow-always", rules, scope });
      await ended();
      expect(JSON.parse(readFileSync(settingsFiles[scope], "utf8"))).toMatchObject({
        permissions: { allow: rules },
      });
      expect(api.events("permission-answered")).toMatchObject([
        { decision: "allow-always", rules, scope, by: alice },
      ]);
      // Another use of the same program, which only the rule of the person covers.
      place.model.director.define("covered", touches("covered.txt"));
      await api.prompt(conversationId, "[[script:covered]]");
      await ended(2);
      expect(api.events("permission-asked")).toHaveLength(1);

      const listed = [{ rule: "Bash(touch:*)", behavior: "allow", scope }];
      expect((await api.send("rule.list", {})).rules).toEqual(listed);
      await api.send("rule.remove", { rule: "Bash(touch:*)", behavior: "allow", scope });
      expect((await api.send("rule.list", {})).rules).toEqual([]);
      await api.prompt(conversationId, "[[script:covered]] again");
      await answer({ requestId: (await question(1)).requestId, decision: "deny" });
      await ended(3);
    },
  );

  it("for a file is offered by its path, and holds for the next edit of it", async () => {
    await api.prompt(conversationId, "[[script:write-file]]");
    const { requestId, suggested } = await question();
    expect(suggested).toEqual(["Edit(/written.txt)"]);
    await answer({ requestId, decision: "allow-always", rules: suggested ?? [], scope: "local" });
    await ended();
    elsewhere();
    await api.prompt(conversationId, "[[script:write-file]]");
    await ended();
    expect(api.events("permission-asked")).toEqual([]);
  });

  it("is judged by Claude Code alone: what only begins alike is asked for", async () => {
    const input = { command: "touch a.txt && touch ../escaped.txt", description: "t" };
    place.model.director.define("longer", {
      steps: [{ content: [{ type: "tool_use", name: "Bash", input }] }],
    });
    put(settingsFiles.local, { permissions: { allow: ["Bash(touch a.txt)"] } });
    await api.prompt(conversationId, "[[script:longer]]");
    await answer({ requestId: (await question()).requestId, decision: "deny" });
    await ended();
    expect(existsSync(join(place.root, "escaped.txt"))).toBe(false);
  });

  it("must be one, needs its place, and answers no question that is asked each time", async () => {
    await api.prompt(conversationId, "[[script:bash]]");
    const { requestId } = await question();
    const always = { requestId, decision: "allow-always" } as const;
    const refused = { code: "bad_request" };
    for (const rule of ["Bash(", "Bash()", "rm -rf /", "(x)", "Bash(a"])
      await expect(answer({ ...always, rules: [rule], scope: "local" })).rejects.toMatchObject(refused);
    await expect(answer({ ...always, rules: ["Bash"] })).rejects.toMatchObject(refused);
    await expect(answer(always)).rejects.toMatchObject(refused);
    await expect(
      answer({ requestId, decision: "allow", rules: ["Bash"], scope: "user" }),
    ).rejects.toMatchObject(refused);
    await expect(answer({ requestId, decision: "allow", mode: "acceptEdits" })).rejects.toMatchObject(
      refused,
    );
    await expect(answer({ requestId, decision: "allow", stop: true })).rejects.toMatchObject(refused);
    expect(api.events("permission-answered")).toEqual([]);
    await answer({ requestId, decision: "deny" });
    await ended();
    await api.prompt(conversationId, "[[script:ask-user]]");
    const asked = await question(1);
    expect(asked.suggested).toEqual([]);
    const forAll = { requestId: asked.requestId, decision: "allow-for-session" } as const;
    await expect(answer(forAll)).rejects.toMatchObject(refused);
    await answer({ requestId: asked.requestId, decision: "deny" });
    await ended(2);
  });

  it("leaves the rest of its file as it was, and a broken file is said to be one", async () => {
    const others = { model: "sonnet", permissions: { allow: ["Bash(ls:*)", "Read"], deny: ["WebFetch"] } };
    put(settingsFiles.project, others);
    mkdirSync(dirname(settingsFiles.user), { recursive: true });
    writeFileSync(settingsFiles.user, "{ no settings");
    const { rules, unreadable } = await api.send("rule.list", {});
    expect(rules).toContainEqual({ rule: "WebFetch", behavior: "deny", scope: "project" });
    expect(unreadable).toEqual([expect.stringContaining(settingsFiles.user)]);
    await api.send("rule.remove", { rule: "Read", behavior: "allow", scope: "project" });
    await api.send("rule.remove", { rule: "not there", behavior: "allow", scope: "project" });
    expect(JSON.parse(readFileSync(settingsFiles.project, "utf8"))).toEqual({
      ...others,
      permissions: { ...others.permissions, allow: ["Bash(ls:*)"] },
    });
    const broken = api.send("rule.remove", { rule: "Read", behavior: "allow", scope: "user" });
    await expect(broken).rejects.toMatchObject({ code: "bad_request" });
    expect(readFileSync(settingsFiles.user, "utf8")).toBe("{ no settings");
  });
});

describe("a denial that stops", () => {
  it("ends the turn, and Claude does nothing more", async () => {
    await api.prompt(conversationId, "[[script:bash]]");
    const { requestId } = await question();
    const requests = place.model.messageRequests.length;
    await answer({ requestId, decision: "deny", stop: true, message: "leave it" });
    await ended();
    expect(api.events("turn-ended")).toMatchObject([{ outcome: "interrupted" }]);
    expect(api.events("permission-answered")).toMatchObject([
      { decision: "deny", stop: true, message: "leave it", by: alice },
    ]);
    expect(place.model.messageRequests).toHaveLength(requests);
  });
});

describe("a plan", () => {
  const planned = async () => {
    await api.send("chat.configure", { conversationId, permissionMode: "plan" });
    await api.prompt(conversationId, "[[script:plan]]");
    const asked = await question();
    expect(asked).toMatchObject({ toolName: "ExitPlanMode", rules: [], suggested: [] });
    expect(asked.input.plan).toContain("# Greet in two languages");
    return asked;
  };
  const mode = () => api.events("configured").at(-1)?.permissionMode;

  it("is carried out in the mode that was chosen", async () => {
    const { requestId } = await planned();
    await answer({ requestId, decision: "allow", mode: "acceptEdits" });
    await ended();
    expect(api.events("permission-asked")).toHaveLength(1);
    expect(mode()).toBe("acceptEdits");
    expect(api.events("permission-answered")).toMatchObject([{ mode: "acceptEdits", by: alice }]);
    expect(existsSync(join(place.workspace, "greetings.ts"))).toBe(true);
  });

  it("is carried out with questions when no mode was chosen, as the person has changed it", async () => {
    const { requestId, input } = await planned();
    await answer({ requestId, decision: "allow", input: { ...input, plan: "# Only quince" } });
    await answer({ requestId: (await question(1)).requestId, decision: "allow" });
    await ended();
    expect(mode()).toBe("default");
    expect(JSON.stringify(place.model.messageRequests.at(-1)?.body)).toContain("Only quince");
  });

  it("goes back to Claude with what was said of it, and Claude goes on planning", async () => {
    const { requestId } = await planned();
    const message = "On “Add `bonjour`”: say salut instead.";
    await answer({ requestId, decision: "deny", message });
    // Still in plan mode, so what the script tries next is asked for; it is not allowed either.
    const next = await question(1);
    await answer({ requestId: next.requestId, decision: "deny" });
    await ended();
    expect(mode()).toBe("plan");
    const seen = JSON.stringify(place.model.messageRequests.at(-1)?.body);
    expect(seen).toContain("say salut instead");
    expect(seen).toContain("does not approve this plan yet");
  });

  it("is approved into no mode without questions, nor into one that the template does not have", async () => {
    const { requestId } = await planned();
    for (const forbidden of ["bypassPermissions", "auto", "plan"] as const) {
      const into = answer({ requestId, decision: "allow", mode: forbidden });
      await expect(into, forbidden).rejects.toMatchObject({ code: "forbidden" });
    }
    await answer({ requestId, decision: "deny", stop: true });
    await ended();
  });
});

describe("several questions at once", () => {
  it("are answered together, and Claude hears by which preview", async () => {
    await api.prompt(conversationId, "[[script:ask-several]]");
    const { requestId } = await question();
    const answers = {
      "Which layout should the page have?": "Top bar",
      "Which checks should run before a commit?": "Types, Tests",
      "What should it be called?": "Something quite different",
    };
    await answer({ requestId, decision: "allow", answers });
    await ended();
    const heard = JSON.stringify(place.model.messageRequests.at(-1)?.body);
    for (const said of ["Types, Tests", "Something quite different", "| nav              |"])
      expect(heard).toContain(said);
    expect(api.texts()).toEqual(["Thank you for deciding."]);
  });
});

describe("the mode that asks nothing", () => {
  it("is not chosen by settings, agents or hooks of workspace and home where the template has it not", async () => {
    const bypass = {
      permissions: { defaultMode: "bypassPermissions" },
      skipDangerousModePermissionPrompt: true,
    };
    for (const path of Object.values(settingsFiles)) put(path, bypass);
    const agents = join(place.workspace, ".claude/agents");
    mkdirSync(agents, { recursive: true });
    writeFileSync(
      join(agents, "boss.md"),
      "---\nname: boss\ndescription: Does as it likes\npermissionMode: bypassPermissions\n---\nDo.\n",
    );
    place.model.director.define("secret", touches("secret.txt"));
    const input = { description: "Do", subagent_type: "boss", prompt: "[[script:secret]] inside" };
    place.model.director.define("boss", {
      steps: [
        { content: [{ type: "tool_use", name: "Task", input }] },
        { content: [{ type: "text", text: "It was done." }] },
      ],
    });
    await api.prompt(conversationId, "[[script:secret]]");
    await answer({ requestId: (await question()).requestId, decision: "deny" });
    await ended();
    await api.prompt(conversationId, "[[script:boss]]");
    const inside = await question(1);
    expect(inside).toMatchObject({ toolName: "Bash", input: { command: "touch secret.txt" } });
    await answer({ requestId: inside.requestId, decision: "deny" });
    await vi.waitFor(() => expect(api.texts()).toContain("It was done."), patience);
    expect(existsSync(join(place.workspace, "secret.txt"))).toBe(false);
    expect(api.events("configured")).toEqual([]);
    const asked = api.send("chat.configure", { conversationId, permissionMode: "bypassPermissions" });
    await expect(asked).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("bypassPermissions"),
    });
    rmSync(agents, { recursive: true });
  });
});
