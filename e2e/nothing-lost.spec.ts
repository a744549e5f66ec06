import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { Client, type Live } from "./testing/client.ts";
import { ConversationReader } from "./testing/conversation-reader.ts";
import { openTerminal } from "./testing/open-terminal.ts";
import { Product } from "./testing/product.ts";
import { seed, times } from "./testing/soak.ts";
import { killsOf, surviveKills } from "./testing/survive-kills.ts";
import { survivePause } from "./testing/survive-pause.ts";

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

const parts = ["api", "database", "session-manager", "web"];

describe("kill -9 under load", () => {
  it.each(Array.from({ length: times(2, 200) }, (_, round) => [round, killsOf(parts, round)] as const))(
    `loses and doubles nothing in round %i of seed ${seed}: %j`,
    (_, kills) => {
      const kill = (part: string) => product.kill(part);
      const untilHealthy = () => product.untilHealthy();
      return surviveKills({ client, live, model, kill, untilHealthy }, kills);
    },
  );
});

describe("kill -9 of the api", () => {
  it("leaves a permission question open and what waits behind it, and the answer counts once", async () => {
    const conversationId = randomUUID();
    await live.command("chat.create", sessionId, { conversationId });
    const conversation = new ConversationReader(live, sessionId, conversationId);
    await conversation.subscribe();
    const text = "[[script:write-file]]";
    await live.command("chat.send", sessionId, { conversationId, messageId: randomUUID(), text });
    const asked = await conversation.until("permission-asked");
    if (asked.event.kind !== "permission-asked") throw new Error("unreachable");
    const { requestId } = asked.event;
    const [next, last] = [randomUUID(), randomUUID()];
    for (const messageId of [last, next])
      await live.command("chat.send", sessionId, { conversationId, messageId, text: "[[script:hello]]" });
    await live.command("chat.move-queued", sessionId, { conversationId, messageId: next, before: last });

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
    const of = (kind: string) => conversation.entries.filter(({ event }) => event.kind === kind);
    await expect.poll(() => of("turn-ended").length).toBe(3);
    expect(of("permission-answered")).toHaveLength(1);
    expect(of("turn-started").slice(1)).toMatchObject([
      { event: { messageId: next } },
      { event: { messageId: last } },
    ]);
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

describe("a pause", () => {
  it("freezes a program in a terminal, which goes on where it was without a byte lost or doubled", async () => {
    await survivePause({ client, live, sessionId }, async () => {
      const states = await product.statesOf(sessionId);
      expect(states.length).toBeGreaterThan(1);
      expect(new Set(states)).toEqual(new Set(["T"]));
    });
  });
});
