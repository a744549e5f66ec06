import { randomUUID } from "node:crypto";
import type { TurnResult } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { Client, type Live } from "./testing/client.ts";
import { Product } from "./testing/product.ts";

const model = new ScriptedModel();
let product: Product;
let client: Client;
let live: Live;
let sessionId: string;

async function startProduct(options: { apiKey?: null; dataDir?: string }): Promise<void> {
  const token = client?.token;
  product = await Product.start({ modelUrl: model.url, ...options });
  client = token === undefined ? await Client.signIn(product) : Client.withToken(product, token);
}

// First without a key, as somebody does who only tries it out; then again with one.
beforeAll(async () => {
  await model.listen();
  await startProduct({ apiKey: null });
  sessionId = (await client.createSession({ name: "Model errors" })).id;
  // Claude Code gives up after two retries instead of ten: the same path, in seconds instead of minutes.
  const settings = JSON.stringify({ env: { CLAUDE_CODE_MAX_RETRIES: "2" } });
  await client.execute(sessionId, `mkdir -p ~/.claude && echo '${settings}' > ~/.claude/settings.json`);
});

afterAll(async () => {
  live?.close();
  await product?.stop();
  await model.close();
});

const ask = (message: string, conversationId?: string) =>
  client.call<TurnResult>("POST", `/api/sessions/${sessionId}/claude/chat`, {
    message,
    ...(conversationId === undefined ? {} : { conversationId }),
  });

/** The next prompt of the same conversation goes through, and the session's other parts never noticed. */
async function goesOn(conversationId: string): Promise<void> {
  expect(await ask("[[script:hello]]", conversationId)).toMatchObject({
    outcome: "completed",
    failure: null,
  });
  expect((await client.execute(sessionId, "echo goes on")).stdout).toBe("goes on\n");
}

describe("without a model key", () => {
  it("says that it is missing and who must set what, at the start, in the settings and in the turn", async () => {
    expect(product.output).toMatch(/Model key +none yet: set ANTHROPIC_API_KEY/);
    expect(await client.call("GET", "/api/config")).toMatchObject({ modelKeyConfigured: false });
    const result = await ask("[[script:hello]]");
    expect(result).toMatchObject({ outcome: "failed", failure: { reason: "key-missing" }, costUsd: 0 });
    expect(result.failure?.message).toMatch(
      /^No model key is configured\. An administrator must set ANTHROPIC_API_KEY/,
    );
    expect(model.requests).toEqual([]);
    expect((await client.execute(sessionId, "echo goes on")).stdout).toBe("goes on\n");
  });

  it("the same conversation goes on when it was started again with one", async () => {
    const { conversations } = await client.call<{ conversations: { conversationId: string }[] }>(
      "GET",
      `/api/sessions/${sessionId}/claude/conversations`,
    );
    const { dataDir } = product;
    await product.stop({ keepData: true });
    await startProduct({ dataDir });
    live = client.live();
    // The new api has found out that its agent ended with the old one.
    await client.untilState(sessionId, "stopped");
    await client.call("POST", `/api/sessions/${sessionId}/resume`);
    await client.untilState(sessionId, "running");
    expect(await client.call("GET", "/api/config")).toMatchObject({ modelKeyConfigured: true });
    await goesOn(conversations[0]?.conversationId ?? "");
  });
});

describe("a model endpoint that refuses", () => {
  it.each([
    ["a wrong key", { status: 401 }, "key-rejected", /rejected this installation's key/],
    [
      "an account without credit",
      { status: 400, message: "Your credit balance is too low to access the Anthropic API." },
      "credit-exhausted",
      /no credit left/,
    ],
    [
      "a model that there is not",
      { status: 404, message: "model: claude-nothing" },
      "model-unavailable",
      /Choose another/,
    ],
    [
      "a conversation that is too long",
      { status: 400, message: "prompt is too long: 250000 tokens > 200000 maximum" },
      "context-full",
      /too long/,
    ],
    [
      "a limit that lasts for hours",
      { status: 429, retryAfter: 7200 },
      "rate-limited",
      /It ends at 20.+Z\.$/,
    ],
  ] as const)(
    "%s fails the turn with its reason and what to do, and the session goes on",
    async (_, error, reason, sentence) => {
      model.director.define(reason, { steps: [{ error, times: 1000 }] });
      const result = await ask(`[[script:${reason}]]`);
      expect(result).toMatchObject({ outcome: "failed", failure: { reason } });
      expect(result.failure?.message).toMatch(sentence);
      await goesOn(result.conversationId);
    },
  );

  it("for a while (429, 500, 529) is asked again, and in the end each turn fails with its own reason", async () => {
    const cases = [
      [429, "rate-limited", /rate limit/],
      [500, "model-unreachable", /could not be reached/],
      [529, "overloaded", /overloaded/],
    ] as const;
    await Promise.all(
      cases.map(async ([status, reason, sentence]) => {
        // As often as Claude Code asks; it waits as it is told to.
        model.director.define(`status-${status}`, {
          steps: [{ error: { status, retryAfter: 1 }, times: 1000 }],
        });
        const before = model.messageRequests.length;
        const result = await ask(`[[script:status-${status}]]`);
        expect(result).toMatchObject({ outcome: "failed", failure: { reason } });
        expect(result.failure?.message).toMatch(sentence);
        expect(model.messageRequests.length - before).toBeGreaterThan(1);
        await goesOn(result.conversationId);
      }),
    );
  });

  it.each(["rate-limited-once", "server-error-once", "overloaded-once"])(
    "once (%s) costs nobody a turn",
    async (script) => {
      expect(await ask(`[[script:${script}]]`)).toMatchObject({ outcome: "completed", failure: null });
    },
  );
});

describe("a stream", () => {
  it("that is cut is asked for again, and comes whole", async () => {
    // Claude Code asks anew, or (when enough had come) asks to resume, in words of its own that name no script.
    model.director.setDefault({ steps: [{ content: [{ type: "text", text: "This came whole." }] }] });
    const result = await ask("[[script:cut]]");
    expect(result).toMatchObject({ outcome: "completed", text: "This came whole." });
  });

  it("that stalls can be stopped, and the conversation goes on", async () => {
    const conversationId = randomUUID();
    await live.command("chat.create", sessionId, { conversationId });
    const deltas: string[] = [];
    live.on("chat.delta", (delta) => {
      if (delta.conversationId === conversationId) deltas.push(delta.text);
    });
    await live.command("chat.subscribe", sessionId, { conversationId, after: null });
    const turn = ask("[[script:stall]]", conversationId);
    await expect.poll(() => deltas.join(""), { timeout: 60_000 }).toContain("This stops in the mid");
    await live.command("chat.interrupt", sessionId, { conversationId });
    expect(await turn).toMatchObject({ outcome: "interrupted", failure: null });
    await goesOn(conversationId);
  });
});

it("an endpoint that is away is asked again until it is back", async () => {
  const { port } = new URL(model.url);
  await model.close();
  const conversationId = randomUUID();
  await live.command("chat.create", sessionId, { conversationId });
  const entries: { event: { kind: string; message?: { type?: string; subtype?: string } } }[] = [];
  live.on("chat.entry", (entry) => {
    if (entry.conversationId === conversationId) entries.push(entry as never);
  });
  await live.command("chat.subscribe", sessionId, { conversationId, after: 0 });
  const turn = ask("[[script:hello]]", conversationId);
  // Seen to try again; then the endpoint is back, and nobody has to send anything twice.
  const retried = () => entries.some(({ event }) => event.message?.subtype === "api_retry");
  await expect.poll(retried, { timeout: 60_000 }).toBe(true);
  await model.listen(Number(port));
  expect(await turn).toMatchObject({ outcome: "completed" });
});
