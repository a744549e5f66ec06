import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type ApiEnd, alice, bob } from "./testing/api-end.ts";
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
/** A turn of three steps, two of which read a file. */
const reading = { type: "tool_use", name: "Read", input: { file_path: "{{workspace}}/nothing.txt" } };
const threeSteps = {
  steps: [{ content: [reading] }, { content: [reading] }, { content: [{ type: "text", text: "Read." }] }],
};
const dear = { inputTokens: 10, outputTokens: 100_000 };

interface Body {
  readonly model: string;
  readonly thinking?: { type: string };
  readonly output_config?: { effort?: string };
}
const lastBody = () => place.model.messageRequests.at(-1)?.body as unknown as Body;

beforeAll(async () => {
  await place.start();
  place.model.director.define("three-steps", threeSteps);
  place.model.director.define("dear-steps", {
    steps: threeSteps.steps.map((step) => ({ ...step, usage: dear })),
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

describe("effort and thinking", () => {
  it("hold from the next request on, also of a turn that runs", async () => {
    await api.prompt(conversationId, "[[script:gated]]");
    await vi.waitFor(() => expect(api.deltas.length).toBeGreaterThan(0), patience);
    await api.send("chat.configure", { conversationId, effort: "low" });
    place.model.gates.open("gate");
    await ended();
    place.model.gates.close("gate");
    await api.prompt(conversationId, "[[script:hello]]");
    await ended(2);
    expect(lastBody().output_config?.effort).toBe("low");
    await api.send("chat.configure", { conversationId, effort: null }, bob);
    await api.prompt(conversationId, "[[script:hello]] again");
    await ended(3);
    expect(lastBody().output_config?.effort).not.toBe("low");
    expect(api.events("configured")).toMatchObject([
      { effort: "low", thinking: true, model: null, by: alice },
      { effort: null, by: bob },
    ]);
  });

  it("are what they were before when the agent has started again", async () => {
    const model = "claude-sonnet-4-5";
    await api.send("chat.configure", { conversationId, effort: "high", thinking: false, model });
    await api.prompt(conversationId, "[[script:hello]]");
    await ended();
    expect(lastBody().thinking?.type ?? "disabled").toBe("disabled");
    await place.stop();
    await place.start();
    api.close();
    api = await place.connect();
    api.only = conversationId;
    await api.send("chat.follow", { cursors: {} });
    await api.prompt(conversationId, "[[script:hello]] again");
    await ended(2);
    expect(lastBody()).toMatchObject({ model: expect.stringContaining(model) });
    expect(lastBody().thinking?.type ?? "disabled").toBe("disabled");
    await api.send("chat.configure", { conversationId, thinking: true });
    await api.prompt(conversationId, "[[script:hello]] third");
    await ended(3);
    expect(lastBody().thinking?.type).not.toBe("disabled");
    expect(lastBody().thinking).toBeDefined();
  });

  it("are told of the models: which levels they know, and whether thinking can be off", async () => {
    const { models } = await api.send("chat.offered-models", {});
    const sonnet = models.find(({ value }) => value === "sonnet");
    expect(sonnet?.resolved).toContain("claude-sonnet");
    expect(sonnet?.efforts).toContain("high");
    expect(typeof sonnet?.thinkingCanBeOff).toBe("boolean");
  });
});

describe("the limit of steps", () => {
  it("ends each turn that would take more, and the conversation goes on", async () => {
    await api.prompt(conversationId, "[[script:hello]]");
    await ended();
    await api.send("chat.configure", { conversationId, stepLimit: 2 });
    await api.prompt(conversationId, "[[script:three-steps]]");
    await ended(2);
    expect(api.events("turn-failed")).toMatchObject([{ reason: "turn-limit", retryable: true }]);
    await api.prompt(conversationId, "[[script:hello]] go on");
    await ended(3);
    expect(api.events("turn-ended")).toHaveLength(2);
    await api.send("chat.configure", { conversationId, stepLimit: null });
    await api.prompt(conversationId, "[[script:three-steps]] once more");
    await ended(4);
    expect(api.events("turn-ended")).toHaveLength(3);
  });
});

describe("the budget", () => {
  it("stops a turn in the middle, holds what waits, and goes on when it is raised", async () => {
    await api.send("chat.configure", { conversationId, budgetUsd: 3 });
    await api.prompt(conversationId, "[[script:dear-steps]]");
    const waiting = await api.prompt(conversationId, "[[script:hello]] waits");
    await ended();
    const [failure] = api.events("turn-failed");
    expect(failure).toMatchObject({ reason: "conversation-budget" });
    expect(failure?.costUsd).toBeGreaterThan(3);
    // It comes behind the turn's end.
    await expect.poll(() => api.events("queue-held")).toMatchObject([{ because: "budget" }]);
    // Without asking the model.
    const requests = place.model.messageRequests.length;
    await api.send("chat.release-queue", { conversationId });
    await ended(2);
    expect(api.events("turn-failed")).toHaveLength(2);
    expect(place.model.messageRequests).toHaveLength(requests);
    await api.send("chat.configure", { conversationId, budgetUsd: 1000 });
    await api.prompt(conversationId, "[[script:hello]] now");
    await ended(3);
    expect(api.events("turn-ended")).toHaveLength(1);
    expect(api.events("turn-started")[1]).toMatchObject({ messageId: waiting });
  });

  it("counts what the conversation has cost before the agent started again", async () => {
    await api.prompt(conversationId, "[[script:dear-steps]]");
    await ended();
    const spent = api.events("turn-ended")[0]?.costUsd ?? 0;
    await place.stop();
    await place.start();
    api.close();
    api = await place.connect();
    api.only = conversationId;
    await api.send("chat.follow", { cursors: {} });
    await api.send("chat.configure", { conversationId, budgetUsd: Math.floor(spent) });
    await api.prompt(conversationId, "[[script:hello]]");
    await ended(2);
    expect(api.events("turn-failed")).toMatchObject([{ reason: "conversation-budget", costUsd: 0 }]);
  });
});

describe("the context", () => {
  it("is known before the first turn, grows with the talk, and is shortened by /compact", async () => {
    // A machine that is busy may need longer to start it than the agent waits for an answer.
    const before = await vi.waitFor(() => api.send("claude.context", { conversationId }), patience);
    expect(before.windowTokens).toBeGreaterThanOrEqual(200_000);
    expect(before.parts).toContainEqual(expect.objectContaining({ name: "System prompt", kind: "used" }));
    place.model.director.define("long-context", {
      steps: [{ content: [{ type: "text", text: "Long." }], usage: { inputTokens: 90_000 } }],
    });
    await api.prompt(conversationId, "[[script:long-context]]");
    await ended();
    const after = await api.send("claude.context", { conversationId });
    expect(after.usedTokens).toBeGreaterThan(before.usedTokens + 50_000);
    await api.prompt(conversationId, "/compact");
    await ended(2);
    const boundaries = api
      .events("sdk")
      .filter(({ message }) => (message as { subtype?: string }).subtype === "compact_boundary");
    expect(boundaries).toHaveLength(1);
    expect((await api.send("claude.context", { conversationId })).usedTokens).toBeLessThan(after.usedTokens);
  });
});
