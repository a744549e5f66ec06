import { randomUUID } from "node:crypto";
import { markModelError } from "@remote-claude/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiEnd } from "./testing/api-end.ts";
import { SessionPlace } from "./testing/session-place.ts";

// Claude Code gives up after two retries instead of ten: the same path, in seconds instead of minutes.
const place = new SessionPlace({ claude: { CLAUDE_CODE_MAX_RETRIES: "2" }, chat: { stopMs: 2000 } });
let api: ApiEnd;
let conversationId: string;
vi.setConfig({ testTimeout: 120_000 });
const patience = { timeout: 60_000, interval: 10 };

beforeAll(() => place.start());
afterAll(() => place.dispose());
beforeEach(async () => {
  conversationId = randomUUID();
  api = await place.connect();
  api.only = conversationId;
  await api.send("chat.follow", { cursors: {} });
  return () => api.close();
});

const failed = () =>
  vi.waitFor(() => {
    const [failure] = api.events("turn-failed");
    if (failure === undefined)
      throw new Error(`no failure yet: ${api.entries.map(({ event }) => event.kind)}`);
    return failure;
  }, patience);
const ended = (count = 1) => vi.waitFor(() => expect(api.events("turn-ended")).toHaveLength(count), patience);
const retries = () =>
  api.events("sdk").filter(({ message }) => message.type === "system" && message.subtype === "api_retry");

/** The next prompt must go through, whatever happened before. */
async function goesOn(): Promise<void> {
  await api.prompt(conversationId, "[[script:hello]]");
  await ended();
  expect(api.events("turn-ended").at(-1)).toMatchObject({ outcome: "completed" });
}

describe("a model endpoint that refuses", () => {
  it("the key, unmarked, ends the turn at the first retry and not after a minute of them", async () => {
    await api.prompt(conversationId, "[[script:unauthorized]]");
    expect(await failed()).toMatchObject({ reason: "key-rejected", retryable: false });
    expect(retries()).toHaveLength(1);
    await goesOn();
  });

  it("keeps what waits behind the turn that failed, until somebody lets it go on", async () => {
    const message = markModelError("key-missing", "No key is stored.");
    const error = { status: 401, message, headers: { "x-should-retry": "false" } };
    place.model.director.define("late-refusal", { steps: [{ error, waitFor: "refuse", times: 100 }] });
    await api.prompt(conversationId, "[[script:late-refusal]]");
    await vi.waitFor(() => expect(place.model.gates.waiting("refuse")).toBe(1), patience);
    const messageId = await api.prompt(conversationId, "[[script:hello]]");
    place.model.gates.open("refuse");
    await failed();
    await vi.waitFor(
      () => expect(api.events("queue-held")).toMatchObject([{ because: "failed", by: null }]),
      patience,
    );
    expect((await api.send("chat.partials", { conversationId })).queue).toMatchObject({
      prompts: [{ messageId }],
    });
    await api.send("chat.release-queue", { conversationId });
    await ended();
  });

  it.each([
    ["key-missing", 401],
    ["key-rejected", 401],
    ["budget-exceeded", 403],
    ["model-unavailable", 403],
    ["model-unreachable", 502],
  ] as const)("with egress' mark %s names that reason in egress' words", async (reason, status) => {
    const message = markModelError(reason, `A sentence about ${reason}.`);
    const error = { status, message, headers: { "x-should-retry": "false" } };
    place.model.director.define(reason, { steps: [{ error, times: 100 }] });
    await api.prompt(conversationId, `[[script:${reason}]]`);
    expect(await failed()).toMatchObject({ reason, message: `A sentence about ${reason}.` });
    expect(retries()).toHaveLength(0);
    await goesOn();
  });

  it.each([
    ["rate-limited", "rate-limited", true],
    ["overloaded", "overloaded", true],
    ["server-error", "model-unreachable", true],
  ] as const)(
    "with %s is retried visibly, and the turn fails in the end",
    async (script, reason, retryable) => {
      await api.prompt(conversationId, `[[script:${script}]]`);
      expect(await failed()).toMatchObject({ reason, retryable });
      expect(retries().length).toBeGreaterThan(0);
      await goesOn();
    },
  );

  it.each([
    ["rate-limited-once", "It went through in the end."],
    ["overloaded-once", "There was room after all."],
    ["server-error-once", "It recovered."],
  ])("once (%s) costs a retry and not the turn", async (script, text) => {
    await api.prompt(conversationId, `[[script:${script}]]`);
    await ended();
    expect(retries()).toHaveLength(1);
    expect(api.texts()).toEqual([text]);
  });

  it.each([
    ["no-credit", 400, "Your credit balance is too low to access the Anthropic API.", "credit-exhausted"],
    ["too-long", 400, "prompt is too long: 250000 tokens > 200000 maximum", "context-full"],
    ["no-model", 404, "model: claude-nothing", "model-unavailable"],
  ] as const)("%s names the reason", async (script, status, message, reason) => {
    place.model.director.define(script, { steps: [{ error: { status, message }, times: 100 }] });
    await api.prompt(conversationId, `[[script:${script}]]`);
    expect(await failed()).toMatchObject({ reason });
  });
});

describe("a stream that breaks", () => {
  it("in the middle is mended by Claude Code, and nothing is doubled", async () => {
    await api.prompt(conversationId, "[[script:cut]]");
    await ended();
    const texts = api.texts();
    expect(api.events("turn-ended")).toMatchObject([{ outcome: "completed" }]);
    // Claude Code asks again for all of it, or keeps what came and asks the model to go on: what it saw first decides.
    if (texts.length === 1) expect([texts, retries().length]).toEqual([["This came whole."], 1]);
    else expect(texts).toEqual(["This is cu", expect.any(String)]);
  });

  it("by stalling can be stopped", async () => {
    await api.prompt(conversationId, "[[script:stall]]");
    await vi.waitFor(() => expect(api.deltas.length).toBeGreaterThan(0), patience);
    await api.send("chat.interrupt", { conversationId });
    await ended();
    expect(api.events("turn-ended")).toMatchObject([{ outcome: "interrupted" }]);
  });

  it("by stalling goes on when the stream does", async () => {
    await api.prompt(conversationId, "[[script:stall]]");
    await vi.waitFor(() => expect(api.deltas.length).toBeGreaterThan(0), patience);
    place.model.gates.open("stall");
    await ended();
    place.model.gates.close("stall");
    expect(api.texts()).toEqual(["This stops in the middle, and goes on."]);
  });
});

describe("stopping while Claude Code retries", () => {
  it("ends the turn as interrupted", async () => {
    const error = { status: 429, retryAfter: 60 };
    place.model.director.define("long-wait", { steps: [{ error, times: 100 }] });
    await api.prompt(conversationId, "[[script:long-wait]]");
    await vi.waitFor(() => expect(retries()).toHaveLength(1), patience);
    await api.send("chat.interrupt", { conversationId });
    await ended();
    expect(api.events("turn-ended")).toMatchObject([{ outcome: "interrupted" }]);
  });
});

describe("a Claude Code process", () => {
  it("that dies fails the turn, and the next prompt resumes the conversation", async () => {
    await api.prompt(conversationId, "[[script:hello]] remember the word pomegranate");
    await ended();
    await api.prompt(conversationId, "[[script:stall]]");
    await vi.waitFor(
      () => expect(api.deltas.some(({ text }) => text.startsWith("This"))).toBe(true),
      patience,
    );
    for (const pid of place.claudeProcesses()) process.kill(pid, "SIGKILL");
    expect(await failed()).toMatchObject({ reason: "claude-crashed", retryable: true });
    await api.prompt(conversationId, "[[script:thinking]]");
    await ended(2);
    const request = JSON.stringify(place.model.messageRequests.at(-1)?.body);
    expect(request).toContain("pomegranate");
    expect(request).toContain("I am the scripted model");
  });
});
