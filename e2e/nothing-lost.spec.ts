import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScriptedModel } from "./scripted-model/index.ts";
import { Client, type Live } from "./testing/client.ts";
import { ConversationReader } from "./testing/conversation-reader.ts";
import { openTerminal } from "./testing/open-terminal.ts";
import { Product } from "./testing/product.ts";
import { Random } from "./testing/random.ts";
import { seed, times } from "./testing/soak.ts";

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

/** What is killed in a round, and when: at so many bytes of the flood. */
interface Kill {
  readonly part: string;
  readonly atByte: number;
}

// Every number once, in order, with nothing in between.
const flood = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\r\n`).join("");
const words = Array.from({ length: 400 }, (_, index) => `word-${index} `);

/** The first rounds kill each part once; all that follow kill whatever comes, up to three times. */
function killsOf(round: number): Kill[] {
  const random = new Random(seed + round);
  const parts = ["api", "database", "session-manager", "web"];
  const first = parts[round];
  const kills = Array.from({ length: first === undefined ? 1 + random.below(3) : 1 }, () => ({
    part: first ?? random.pick(parts),
    atByte: random.below(flood.length - 200_000),
  }));
  return kills.sort((a, b) => a.atByte - b.atByte);
}

/** Asks again while a part of the product is away. */
async function patiently<Result>(ask: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const { code } = error as { code?: string };
      const away = code === undefined || ["unavailable", "agent_unreachable", "timeout"].includes(code);
      if (!away || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function startFlood(id: string) {
  const terminal = await openTerminal(live, id);
  const conversationId = randomUUID();
  await live.command("chat.create", id, { conversationId });
  const conversation = new ConversationReader(live, id, conversationId);
  await conversation.subscribe();
  model.director.define("slow-words", {
    steps: [{ content: [{ type: "text", chunks: words, everyMs: 10 }] }],
  });
  const messageId = randomUUID();
  await live.command("chat.send", id, { conversationId, messageId, text: "[[script:slow-words]]" });
  await conversation.until("turn-started");
  await terminal.type("seq 1 300000; echo the-end-$((40+2))\r");
  const follow = () =>
    Promise.all([patiently(() => terminal.attach()), patiently(() => conversation.subscribe())]);
  return { terminal, conversation, conversationId, follow };
}

describe("kill -9 under load", () => {
  it.each(Array.from({ length: times(2, 200) }, (_, round) => [round, killsOf(round)] as const))(
    `loses and doubles nothing in round %i of seed ${seed}: %j`,
    async (_, kills) => {
      const { id } = await client.createSession({ name: "Flooded" });
      const { terminal, conversation, conversationId, follow } = await startFlood(id);
      for (const { part, atByte } of kills) {
        await terminal.untilOffset(atByte);
        const connected = part === "api" ? restarted() : null;
        await product.kill(part);
        await connected;
        await product.untilHealthy();
        await follow();
      }
      const text = await terminal.until(/the-end-42\r\n/);
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
        `/api/sessions/${id}/claude/history?conversationId=${conversationId}`,
      );
      expect(history.entries).toEqual(conversation.entries);
      await client.call("DELETE", `/api/sessions/${id}`);
    },
  );
});

describe("kill -9 of the api", () => {
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
