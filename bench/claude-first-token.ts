import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Live } from "../e2e/testing/client.ts";
import { BareClaude } from "./floor/bare-claude.ts";
import type { Figure } from "./lib/report.ts";
import { openStage, withSession } from "./lib/stage.ts";
import { median } from "./lib/statistics.ts";

const warmTurns = 15;
const coldRounds = 5;
/** People read, think and type before they send. */
const typingMs = 3000;

class OurConversation {
  readonly #live: Live;
  readonly #sessionId: string;
  readonly #conversationId = randomUUID();
  #onDelta: () => void = () => undefined;
  #onEnd: () => void = () => undefined;

  constructor(live: Live, sessionId: string) {
    this.#live = live;
    this.#sessionId = sessionId;
    live.on("chat.delta", ({ conversationId }) => {
      if (conversationId === this.#conversationId) this.#onDelta();
    });
    live.on("chat.entry", ({ conversationId, event }) => {
      if (
        conversationId === this.#conversationId &&
        event.kind.startsWith("turn-") &&
        event.kind !== "turn-started"
      )
        this.#onEnd();
    });
  }

  /** What opening the pane does. */
  async open(): Promise<void> {
    const conversationId = this.#conversationId;
    await this.#live.command("chat.create", this.#sessionId, { conversationId });
    await this.#live.command("chat.subscribe", this.#sessionId, { conversationId, after: null });
  }

  /** Milliseconds from sending to the first token; waits for the turn's end. */
  async turn(): Promise<number> {
    const first = new Promise<void>((resolve) => {
      this.#onDelta = resolve;
    });
    const ended = new Promise<void>((resolve) => {
      this.#onEnd = resolve;
    });
    const startedAt = performance.now();
    const message = { conversationId: this.#conversationId, messageId: randomUUID(), text: "Say hello." };
    await this.#live.command("chat.send", this.#sessionId, message);
    await first;
    const firstAt = performance.now() - startedAt;
    await ended;
    return firstAt;
  }
}

/** Send → first token: warm, first message after the pane was open for a moment, and first message at once. */
export async function run(): Promise<Figure[]> {
  const stage = await openStage();
  const { CLAUDE_BINARY = "" } = await stage.environment("session-manager");
  const home = mkdtempSync(join(tmpdir(), "bench-claude-"));
  const bare = () => new BareClaude({ binary: CLAUDE_BINARY, modelUrl: stage.modelUrl, home });
  try {
    const cold: number[] = [];
    const prewarmed: number[] = [];
    const atOnce: number[] = [];
    for (let round = 0; round < coldRounds; round += 1) {
      const claude = bare();
      cold.push(await claude.turn());
      await claude.close();
      await withSession(stage, async ({ id }, live) => {
        const first = new OurConversation(live, id);
        await first.open();
        await delay(typingMs);
        prewarmed.push(await first.turn());
        await delay(500);
      });
      await withSession(stage, async ({ id }, live) => {
        const conversation = new OurConversation(live, id);
        await conversation.open();
        atOnce.push(await conversation.turn());
      });
    }
    const warm: { ours: number[]; floor: number[] } = { ours: [], floor: [] };
    await withSession(stage, async ({ id }, live) => {
      const conversation = new OurConversation(live, id);
      await conversation.open();
      await conversation.turn();
      const claude = bare();
      await claude.turn();
      for (let turn = 0; turn < warmTurns; turn += 1) {
        warm.ours.push(await conversation.turn());
        await delay(100);
        warm.floor.push(await claude.turn());
        await delay(100);
      }
      await claude.close();
    });
    return [
      {
        what: "send → first token, warm conversation",
        unit: "ms",
        ours: median(warm.ours),
        floor: median(warm.floor),
        budget: { of: "difference", bound: "at most", must: 50, aim: 15 },
      },
      {
        what: "send → first token, first message of a session",
        unit: "ms",
        ours: median(prewarmed),
        floor: median(cold),
        budget: { of: "ratio", bound: "at most", must: 0.5, aim: 0.3 },
      },
      {
        what: "the same, sent in the moment the pane opens",
        unit: "ms",
        ours: median(atOnce),
        floor: median(cold),
        budget: null,
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
    await stage.close();
  }
}
