import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { Client, type Live } from "./testing/client.ts";
import { ConversationReader } from "./testing/conversation-reader.ts";
import { openTerminal } from "./testing/open-terminal.ts";
import { Product } from "./testing/product.ts";

let model: ScriptedModel;
let product: Product;
let client: Client;
let live: Live;
let sessionId: string;

beforeAll(async () => {
  model = new ScriptedModel();
  await model.listen();
  product = await Product.start({ modelUrl: model.url });
  client = await Client.signIn(product);
  sessionId = (await client.createSession({ name: "Nothing lost" })).id;
  live = client.live();
});

afterAll(async () => {
  live?.close();
  await product?.stop();
  await model?.close();
});

const restarted = () => new Promise<void>((resolve) => live.socket.once("connect", () => resolve()));

describe("kill -9 of the api", () => {
  it("loses and doubles no byte of a flooding terminal and no event of the turn that runs meanwhile", async () => {
    const terminal = await openTerminal(live, sessionId);
    const conversationId = randomUUID();
    await live.command("chat.create", sessionId, { conversationId });
    const conversation = new ConversationReader(live, sessionId, conversationId);
    await conversation.subscribe();
    const messageId = randomUUID();
    const words = Array.from({ length: 400 }, (_, index) => `word-${index} `);
    model.director.define("slow-words", {
      steps: [{ content: [{ type: "text", chunks: words, everyMs: 10 }] }],
    });
    await live.command("chat.send", sessionId, { conversationId, messageId, text: "[[script:slow-words]]" });
    await conversation.until("turn-started");
    await terminal.type("seq 1 300000; echo the-end-$((40+2))\r");
    await terminal.until(/\n20000\r\n/);

    const connected = restarted();
    await product.kill("api");
    await connected;
    await Promise.all([terminal.attach(), conversation.subscribe()]);

    const text = await terminal.until(/the-end-42\r\n/);
    // Every number once, in order, with nothing in between: one string, found whole.
    const flood = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\r\n`).join("");
    expect(text.includes(`${flood}the-end-42\r\n`), "the flood is whole").toBe(true);
    expect(terminal.faults).toEqual([]);

    await conversation.until("turn-ended");
    expect(conversation.faults).toEqual([]);
    expect(conversation.entries.map(({ seq }) => seq)).toEqual(
      conversation.entries.map((_, index) => index + 1),
    );
    const kinds = conversation.entries.map(({ event }) => event.kind);
    for (const once of ["user-message", "turn-started", "turn-ended"]) {
      expect(kinds.filter((kind) => kind === once)).toHaveLength(1);
    }
    expect(JSON.stringify(conversation.entries)).toContain(words.join("").trim());
    // What is stored is what was seen.
    const history = await client.call<{ entries: unknown[] }>(
      "GET",
      `/api/sessions/${sessionId}/claude/history?conversationId=${conversationId}`,
    );
    expect(history.entries).toEqual(conversation.entries);
  });

  it("leaves a permission question open, and its answer counts once", async () => {
    const conversationId = randomUUID();
    await live.command("chat.create", sessionId, { conversationId });
    const conversation = new ConversationReader(live, sessionId, conversationId);
    await conversation.subscribe();
    const text = "[[script:write-file]]";
    await live.command("chat.send", sessionId, { conversationId, messageId: randomUUID(), text });
    const asked = await conversation.until("permission-asked");
    if (asked.event.kind !== "permission-asked") throw new Error("unreachable");
    const { requestId } = asked.event;

    const connected = restarted();
    await product.kill("api");
    await connected;
    await conversation.subscribe();
    expect(conversation.entries.some(({ event }) => event.kind === "permission-answered")).toBe(false);

    const answer = { conversationId, requestId, decision: "allow" } as const;
    await expect
      .poll(() =>
        live.command("chat.answer", sessionId, answer).then(
          () => "answered",
          (error) => error.code,
        ),
      )
      .toMatch(/answered|conflict/);
    await expect(live.command("chat.answer", sessionId, answer)).rejects.toMatchObject({ code: "conflict" });
    await conversation.until("turn-ended");
    expect(conversation.entries.filter(({ event }) => event.kind === "permission-answered")).toHaveLength(1);
    expect((await client.execute(sessionId, "cat written.txt")).stdout).toBe("written by the script\n");
  });
});

describe("kill -9 of the session-manager", () => {
  it("leaves sessions running, and finds them again", async () => {
    const terminal = await openTerminal(live, sessionId);
    await terminal.type("echo before-$((1+1))\r");
    await terminal.until(/before-2\r\n/);
    await product.kill("session-manager");
    await terminal.type("echo after-$((1+1))\r");
    await terminal.until(/after-2\r\n/);
    // Only a manager that found the place again can stop it.
    await expect
      .poll(
        () =>
          client.call("POST", `/api/sessions/${sessionId}/stop`).then(
            () => "ok",
            (error) => error.code,
          ),
        {
          timeout: 30_000,
          interval: 200,
        },
      )
      .toBe("ok");
    await client.untilState(sessionId, "stopped");
    await client.call("POST", `/api/sessions/${sessionId}/resume`);
    await client.untilState(sessionId, "running");
    expect((await client.execute(sessionId, "cat written.txt")).stdout).toBe("written by the script\n");
  });
});
