import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiEnd } from "./testing/api-end.ts";
import { alice, bob } from "./testing/api-end.ts";
import { SessionPlace } from "./testing/session-place.ts";

const place = new SessionPlace();
let api: ApiEnd;
let conversationId: string;
vi.setConfig({ testTimeout: 120_000 });
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

beforeAll(() => place.start());
afterAll(() => place.dispose());
beforeEach(async () => {
  api?.close();
  conversationId = randomUUID();
  api = await place.connect();
  api.only = conversationId;
  await api.send("chat.follow", { cursors: {} });
  return () => api.close();
});

describe("a turn", () => {
  it("streams its text and ends with what it cost", async () => {
    await api.prompt(conversationId, "[[script:hello]]");
    await ended();
    const whole = "Hello! I am the scripted model, and I am streaming this text in small pieces.";
    expect(api.texts()).toEqual([whole]);
    expect(api.deltas.length).toBeGreaterThan(5);
    expect(api.deltas.map(({ text }) => text).join("")).toBe(whole);
    let offset = 0;
    for (const delta of api.deltas) {
      expect(delta.offset).toBe(offset);
      offset += delta.text.length;
    }
    const [end] = api.events("turn-ended");
    expect(end).toMatchObject({ outcome: "completed", usage: { inputTokens: 10, outputTokens: 20 } });
    expect(end?.costUsd).toBeGreaterThan(0);
    expect(api.entries.map(({ seq }) => seq)).toEqual(api.entries.map((_, index) => index + 1));
    expect(api.entries.slice(0, 2).map(({ event }) => event.kind)).toEqual(["user-message", "turn-started"]);
  });

  it("costs what it added, not what the conversation has cost so far", async () => {
    for (const count of [1, 2, 3]) {
      await api.prompt(conversationId, "[[script:hello]]");
      await ended(count);
    }
    const costs = api
      .events("turn-ended")
      .map(({ costUsd, usage }) => [costUsd.toFixed(6), usage.outputTokens]);
    expect(costs).toEqual([costs[0], costs[0], costs[0]]);
  });

  it("shows thinking apart from text", async () => {
    await api.prompt(conversationId, "[[script:thinking]]");
    await ended();
    const thought = api.deltas.filter(({ blockType }) => blockType === "thinking").map(({ text }) => text);
    expect(thought.join("")).toBe("Let me think about this for a moment.");
    expect(api.texts()).toEqual(["I have thought about it."]);
  });

  it("keeps what is being written for those who come late", async () => {
    await api.prompt(conversationId, "[[script:gated]]");
    await vi.waitFor(() => expect(api.deltas.length).toBeGreaterThan(0), patience);
    const { partials } = await api.send("chat.partials", { conversationId });
    expect(partials).toMatchObject([{ offset: 0, text: "Before the gate. ", blockType: "text", block: 0 }]);
    place.model.gates.open("gate");
    await ended();
    place.model.gates.close("gate");
    expect((await api.send("chat.partials", { conversationId })).partials).toEqual([]);
    expect(api.texts()).toEqual(["Before the gate. After the gate."]);
  });

  it("waits its turn in the queue, and each prompt is a turn of its own", async () => {
    await api.prompt(conversationId, "[[script:gated]] first");
    await vi.waitFor(() => expect(api.deltas.length).toBeGreaterThan(0), patience);
    const second = await api.prompt(conversationId, "[[script:hello]] second");
    const third = await api.prompt(conversationId, "[[script:thinking]] third");
    expect(api.events("turn-started")).toHaveLength(1);
    place.model.gates.open("gate");
    await ended(3);
    place.model.gates.close("gate");
    expect(
      api
        .events("turn-started")
        .slice(1)
        .map(({ messageId }) => messageId),
    ).toEqual([second, third]);
    expect(api.texts()).toHaveLength(3);
  });

  it("lets what waits be changed, moved and taken out until Claude begins with it", async () => {
    const running = await api.prompt(conversationId, "[[script:gated]] first");
    const [second, third, fourth] = [
      await api.prompt(conversationId, "[[script:hello]] second"),
      await api.prompt(conversationId, "[[script:thinking]] third"),
      await api.prompt(conversationId, "[[script:hello]] fourth"),
    ];
    const change = { conversationId, messageId: second };
    await api.send("chat.edit-queued", { ...change, text: "[[script:hello]] quince" }, bob);
    await api.send("chat.move-queued", { conversationId, messageId: third, before: second });
    await api.send("chat.remove-queued", { conversationId, messageId: fourth });
    const { queue } = await api.send("chat.partials", { conversationId });
    expect(queue).toMatchObject({ seq: api.entries.at(-1)?.seq, held: null });
    expect(queue?.prompts.map(({ messageId }) => messageId)).toEqual([third, second]);
    expect(api.events("prompt-edited")).toMatchObject([{ by: bob }]);
    const late = api.send("chat.edit-queued", { ...change, messageId: running, text: "too late" });
    await expect(late).rejects.toMatchObject({ code: "conflict" });
    place.model.gates.open("gate");
    await ended(3);
    place.model.gates.close("gate");
    const begun = api.events("turn-started").map(({ messageId }) => messageId);
    expect(begun).toEqual([running, third, second]);
    expect(JSON.stringify(place.model.messageRequests.at(-1)?.body)).toContain("quince");
  });

  it("counts a prompt that is sent twice once", async () => {
    const messageId = randomUUID();
    const first = await api.send("chat.send", { conversationId, messageId, text: "[[script:hello]]" });
    const again = await api.send("chat.send", { conversationId, messageId, text: "[[script:hello]]" });
    await ended();
    expect(again).toEqual(first);
    expect(await api.send("chat.send", { conversationId, messageId, text: "[[script:hello]]" })).toEqual(
      first,
    );
    expect(api.events("user-message")).toHaveLength(1);
    expect(api.events("turn-started")).toHaveLength(1);
  });

  it("shows Claude the pictures among the attachments, and keeps them out of the journal", async () => {
    const png =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    writeFileSync(join(place.workspace, "dot.png"), Buffer.from(png, "base64"));
    const attachments = [{ path: "dot.png" }];
    const text = "[[script:hello]] what is this?";
    await api.send("chat.send", { conversationId, messageId: randomUUID(), text, attachments });
    await ended();
    const body = JSON.stringify(place.model.messageRequests.at(-1)?.body);
    expect(body).toContain('"media_type":"image/png"');
    expect(body).toContain("[Image: dot.png]");
    expect(JSON.stringify(api.entries)).not.toContain(png.slice(0, 40));
  });

  it("puts attachments before Claude as mentions with their lines", async () => {
    const attachments = [{ path: "notes.txt", lines: [1, 2] as [number, number] }];
    const text = "[[script:hello]] look";
    await api.send("chat.send", { conversationId, messageId: randomUUID(), text, attachments });
    await ended();
    const asked = JSON.stringify(place.model.messageRequests.at(-1)?.body);
    expect(asked).toContain(`@${place.workspace}/notes.txt#L1-2`);
    expect(api.events("user-message")[0]).toMatchObject({ text, attachments });
  });
});

describe("a tool", () => {
  it("runs when a person allows it, and does as it was asked", async () => {
    await api.prompt(conversationId, "[[script:write-file]]");
    const asked = await question();
    expect(asked).toMatchObject({ toolName: "Write", rules: ["mode: acceptEdits"] });
    expect(existsSync(join(place.workspace, "written.txt"))).toBe(false);
    await api.send("chat.answer", { conversationId, requestId: asked.requestId, decision: "allow" }, bob);
    await ended();
    expect(readFileSync(join(place.workspace, "written.txt"), "utf8")).toBe("written by the script\n");
    expect(api.events("permission-answered")).toMatchObject([{ decision: "allow", by: bob }]);
    expect(api.events("turn-ended")[0]?.usage).toMatchObject({ inputTokens: 300, outputTokens: 60 });
  });

  it("does not run when a person denies it, and Claude hears why", async () => {
    await api.prompt(conversationId, "[[script:bash]]");
    const asked = await question();
    const message = "not on a Friday";
    await api.send("chat.answer", { conversationId, requestId: asked.requestId, decision: "deny", message });
    await ended();
    expect(existsSync(join(place.workspace, "made-by-bash.txt"))).toBe(false);
    expect(JSON.stringify(place.model.messageRequests.at(-1)?.body)).toContain(message);
    expect(api.events("turn-ended")).toMatchObject([{ outcome: "completed" }]);
  });

  it("runs as a person has changed it, and the journal says so", async () => {
    await api.prompt(conversationId, "[[script:bash]]");
    const { requestId, input } = await question();
    const changed = { ...input, command: "touch made-by-a-person.txt" };
    const answer = { conversationId, requestId, input: changed };
    const forAll = api.send("chat.answer", { ...answer, decision: "allow-for-session" });
    await expect(forAll).rejects.toMatchObject({ code: "bad_request" });
    await api.send("chat.answer", { ...answer, decision: "allow" });
    await ended();
    expect(existsSync(join(place.workspace, "made-by-a-person.txt"))).toBe(true);
    expect(existsSync(join(place.workspace, "made-by-bash.txt"))).toBe(false);
    expect(api.events("permission-answered")).toMatchObject([{ decision: "allow", input: changed }]);
  });

  it("asks no more in this conversation once it is allowed for the session", async () => {
    await api.prompt(conversationId, "[[script:bash]]");
    const asked = await question();
    expect(asked.rules.length).toBeGreaterThan(0);
    await api.send("chat.answer", {
      conversationId,
      requestId: asked.requestId,
      decision: "allow-for-session",
    });
    await ended();
    await api.prompt(conversationId, "[[script:bash]] again");
    await ended(2);
    expect(api.events("permission-asked")).toHaveLength(1);
    expect(existsSync(join(place.workspace, ".claude/settings.local.json"))).toBe(false);
  });

  it("may be one of several at once, each with a question of its own", async () => {
    await api.prompt(conversationId, "[[script:parallel-tools]]");
    const first = await question(0);
    await api.send("chat.answer", { conversationId, requestId: first.requestId, decision: "allow" });
    const second = await question(1);
    await api.send("chat.answer", { conversationId, requestId: second.requestId, decision: "deny" });
    await ended();
    expect(existsSync(join(place.workspace, "one.txt"))).toBe(true);
    expect(existsSync(join(place.workspace, "two.txt"))).toBe(false);
  });

  it("takes the first answer, and tells the second who was first", async () => {
    await api.prompt(conversationId, "[[script:write-file]]");
    const { requestId } = await question();
    await api.send("chat.answer", { conversationId, requestId, decision: "allow" }, alice);
    const late = api.send("chat.answer", { conversationId, requestId, decision: "deny" }, bob);
    await expect(late).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("Alice") });
    const unknown = { conversationId, requestId: randomUUID(), decision: "allow" } as const;
    await expect(api.send("chat.answer", unknown)).rejects.toMatchObject({ code: "not_found" });
    await ended();
  });
});

describe("a question of Claude's own", () => {
  it("goes on with what the person chose", async () => {
    await api.prompt(conversationId, "[[script:ask-user]]");
    const { requestId, toolName } = await question();
    expect(toolName).toBe("AskUserQuestion");
    const answers = { "Which colour should it be?": "Blue" };
    await api.send("chat.answer", { conversationId, requestId, decision: "allow", answers });
    await ended();
    expect(JSON.stringify(api.events("sdk"))).toMatch(/Which colour should it be\?[^}]*Blue/);
    expect(api.texts()).toEqual(["Thank you for choosing."]);
  });
});

describe("a command that takes its time", () => {
  it("shows what it writes while it runs", async () => {
    const command = "echo first; until [ -e go-on.txt ]; do sleep 0.05; done; echo last";
    const use = { type: "tool_use", id: "toolu_slow", name: "Bash", input: { command, description: "Wait" } };
    place.model.director.define("slow", { steps: [{ content: [use] }] });
    await api.prompt(conversationId, "[[script:slow]]");
    const written = () => api.deltas.filter(({ blockType }) => blockType === "tool-output");
    await vi.waitFor(() => expect(written()).toHaveLength(1), patience);
    expect(written()).toMatchObject([{ messageId: "toolu_slow", block: 0, offset: 0, text: "first\n" }]);
    const { partials } = await api.send("chat.partials", { conversationId });
    expect(partials).toMatchObject([{ blockType: "tool-output", offset: 0, text: "first\n" }]);
    writeFileSync(join(place.workspace, "go-on.txt"), "");
    await ended();
    expect((await api.send("chat.partials", { conversationId })).partials).toEqual([]);
  });
});

describe("a command in the background", () => {
  it("lets Claude begin a turn of its own when it has ended", async () => {
    const input = { command: "sleep 0.3 && ls", description: "Wait", run_in_background: true };
    place.model.director.define("background", {
      steps: [
        { content: [{ type: "tool_use", name: "Bash", input }] },
        { content: [{ type: "text", text: "It runs in the background." }] },
        { content: [{ type: "text", text: "It has ended." }] },
      ],
    });
    await api.prompt(conversationId, "[[script:background]]");
    await vi.waitFor(async () => {
      for (const { requestId } of api.events("permission-asked")) {
        await api.send("chat.answer", { conversationId, requestId, decision: "allow" }).catch(() => {});
      }
      expect(api.events("turn-ended")).toHaveLength(2);
    }, patience);
    const [first, second] = api.events("turn-started");
    expect(first?.turnId).toBe(api.events("turn-ended")[0]?.turnId);
    expect(second?.turnId).toBe(api.events("turn-ended")[1]?.turnId);
    expect(api.texts()).toEqual(["It runs in the background.", "It has ended."]);
  });
});

describe("stopping", () => {
  it("ends a turn in the middle of its text and keeps what was said", async () => {
    await api.prompt(conversationId, "[[script:stall]]");
    await vi.waitFor(() => expect(api.deltas.length).toBeGreaterThan(0), patience);
    await api.send("chat.interrupt", { conversationId });
    await ended();
    expect(api.events("turn-ended")).toMatchObject([{ outcome: "interrupted" }]);
    expect(api.texts()).toEqual(["This stops in the mid"]);
    await api.prompt(conversationId, "[[script:hello]]");
    await ended(2);
    expect(api.events("turn-ended")[1]).toMatchObject({ outcome: "completed" });
  });

  it("ends a turn that has hardly begun", async () => {
    await api.prompt(conversationId, "[[script:stall]]");
    await api.send("chat.interrupt", { conversationId });
    await ended();
    expect(api.events("turn-ended")).toMatchObject([{ outcome: "interrupted" }]);
    await api.prompt(conversationId, "[[script:hello]]");
    await ended(2);
    expect(api.events("turn-ended")[1]).toMatchObject({ outcome: "completed" });
  });

  it("holds what waits if asked to; what is sent next comes first, and the rest goes on behind it", async () => {
    await api.prompt(conversationId, "[[script:stall]]");
    const waits = await api.prompt(conversationId, "[[script:hello]] later");
    await api.send("chat.interrupt", { conversationId, holdQueue: true });
    await ended();
    expect(api.events("queue-held")).toMatchObject([{ because: "stopped", by: alice }]);
    const { queue } = await api.send("chat.partials", { conversationId });
    expect(queue).toMatchObject({ prompts: [{ messageId: waits }], held: { because: "stopped" } });
    const correction = await api.prompt(conversationId, "[[script:thinking]] rather this");
    await ended(3);
    const begun = api.events("turn-started").map(({ messageId }) => messageId);
    expect(begun.slice(1)).toEqual([correction, waits]);
  });

  it("takes a pending question back", async () => {
    await api.prompt(conversationId, "[[script:write-file]] stopped");
    const { requestId } = await question();
    await api.send("chat.interrupt", { conversationId });
    await ended();
    expect(api.events("permission-answered")).toMatchObject([{ requestId, decision: "withdrawn", by: null }]);
    expect(api.events("turn-ended")).toMatchObject([{ outcome: "interrupted" }]);
    const late = api.send("chat.answer", { conversationId, requestId, decision: "allow" });
    await expect(late).rejects.toMatchObject({ code: "conflict" });
  });

  it("does nothing where nothing runs", async () => {
    expect(await api.send("chat.interrupt", { conversationId: randomUUID() })).toEqual({});
  });
});

describe("settings", () => {
  it("change the model from the next request on", async () => {
    await api.prompt(conversationId, "[[script:hello]]");
    await ended();
    await api.send("chat.configure", { conversationId, model: "sonnet" });
    await api.prompt(conversationId, "[[script:hello]] again");
    await ended(2);
    const models = place.model.messageRequests.slice(-2).map(({ body }) => (body as { model: string }).model);
    expect(models[0]).not.toBe(models[1]);
    expect(models[1]).toContain("sonnet");
    expect(api.events("configured")).toMatchObject([
      { model: "sonnet", permissionMode: "default", by: alice },
    ]);
  });

  it("change the permission mode of a running process", async () => {
    await api.prompt(conversationId, "[[script:hello]]");
    await ended();
    await api.send("chat.configure", { conversationId, permissionMode: "acceptEdits" });
    await api.prompt(conversationId, "[[script:write-file]]");
    await ended(2);
    expect(api.events("permission-asked")).toEqual([]);
    expect(api.events("configured")).toMatchObject([{ permissionMode: "acceptEdits", by: alice }]);
  });

  it("hold from the first prompt on when they came before it", async () => {
    await api.send("chat.configure", { conversationId, permissionMode: "acceptEdits", model: "sonnet" });
    await api.prompt(conversationId, "[[script:write-file]]");
    await ended();
    expect(api.events("permission-asked")).toEqual([]);
    expect(place.model.messageRequests.at(-1)?.body).toMatchObject({
      model: expect.stringContaining("sonnet"),
    });
  });

  it("refuse a mode that the template does not allow", async () => {
    const bypass = api.send("chat.configure", { conversationId, permissionMode: "bypassPermissions" });
    await expect(bypass).rejects.toMatchObject({ code: "forbidden" });
  });

  it("say when Claude Code itself changed the mode", async () => {
    await api.prompt(conversationId, "[[script:write-file]] mode");
    const { requestId } = await question();
    await api.send("chat.answer", { conversationId, requestId, decision: "allow-for-session" });
    await ended();
    expect(api.events("configured")).toMatchObject([{ permissionMode: "acceptEdits", by: null }]);
  });

  it("can be chosen from the models that Claude Code offers", async () => {
    const { models } = await api.send("chat.offered-models", {});
    expect(models.map(({ value }) => value)).toContain("sonnet");
  });
});

describe("slash commands", () => {
  it("are those that Claude Code reports, the project's own among them, and run when they are sent", async () => {
    const folder = join(place.workspace, ".claude/commands");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "greet.md"),
      "---\ndescription: Greets somebody\nargument-hint: <name>\n---\n[[script:hello]] greet $ARGUMENTS warmly\n",
    );
    await api.prompt(conversationId, "[[script:hello]]");
    await ended();
    await vi.waitFor(async () => {
      const { commands } = await api.send("chat.commands", { conversationId });
      expect(commands).toContainEqual(expect.objectContaining({ name: "greet", argumentHint: "<name>" }));
      expect(commands.map(({ name }) => name)).toContain("compact");
    }, patience);
    await api.prompt(conversationId, "/greet Ada");
    await ended(2);
    expect(JSON.stringify(place.model.messageRequests.at(-1)?.body)).toContain("greet Ada warmly");
  });
});
