import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { ScriptedModel } from "../scripted-model/index.ts";
import type { Client, Live } from "./client.ts";
import { ConversationReader } from "./conversation-reader.ts";
import { openTerminal } from "./open-terminal.ts";
import { Random } from "./random.ts";
import { seed } from "./soak.ts";

/** What is killed in a round, and when: at so many bytes of the flood. */
export interface Kill {
  readonly part: string;
  readonly atByte: number;
}

/** A product whose parts can be killed. */
export interface Mortal {
  readonly client: Client;
  readonly live: Live;
  readonly model: ScriptedModel;
  /** With -9; whoever watches over it starts it again. */
  kill(part: string): Promise<void>;
  untilHealthy(): Promise<void>;
}

// Every number once, in order, with nothing in between.
const flood = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\r\n`).join("");
const words = Array.from({ length: 400 }, (_, index) => `word-${index} `);

/** The first rounds kill each part once; all that follow kill whatever comes, up to three times. */
export function killsOf(parts: readonly string[], round: number): Kill[] {
  const random = new Random(seed + round);
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

async function startFlood({ client, live, model }: Mortal) {
  const { id } = await client.createSession({ name: "Flooded" });
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
  return { id, terminal, conversation, conversationId, follow };
}

/** A terminal floods while a turn streams, parts are killed, and in the end every byte and event is there once. */
export async function surviveKills(mortal: Mortal, kills: readonly Kill[]): Promise<void> {
  const { client, live } = mortal;
  const { id, terminal, conversation, conversationId, follow } = await startFlood(mortal);
  for (const { part, atByte } of kills) {
    await terminal.untilOffset(atByte);
    const connected =
      part === "api" ? new Promise<void>((resolve) => live.socket.once("connect", () => resolve())) : null;
    await mortal.kill(part);
    await connected;
    await mortal.untilHealthy();
    await follow();
  }
  const text = await terminal.until(/the-end-42\r\n/);
  expect(text.includes(`${flood}the-end-42\r\n`), "the flood is whole").toBe(true);
  expect(terminal.faults).toEqual([]);
  // A model stream that is cut is asked for anew by Claude Code, and then says other words, or gives up.
  const cut = kills.some(({ part }) => part === "egress");
  const endings = cut ? (["turn-ended", "turn-failed"] as const) : (["turn-ended"] as const);
  await conversation.until(...endings);
  expect(conversation.faults).toEqual([]);
  expect(conversation.entries.map(({ seq }) => seq)).toEqual(
    conversation.entries.map((_, index) => index + 1),
  );
  const kinds = conversation.entries.map(({ event }) => event.kind);
  for (const once of [["user-message"], ["turn-started"], endings] as const) {
    expect(kinds.filter((kind) => (once as readonly string[]).includes(kind))).toHaveLength(1);
  }
  if (!cut) expect(JSON.stringify(conversation.entries)).toContain(words.join("").trim());
  // What is stored is what was seen.
  const history = await client.call<{ entries: unknown[] }>(
    "GET",
    `/api/sessions/${id}/claude/history?conversationId=${conversationId}`,
  );
  expect(history.entries).toEqual(conversation.entries);
  await client.call("DELETE", `/api/sessions/${id}`);
}
