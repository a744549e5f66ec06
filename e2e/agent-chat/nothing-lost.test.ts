import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JournalEntry } from "@remote-claude/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ApiEnd } from "./testing/api-end.ts";
import { type PlaceOptions, SessionPlace } from "./testing/session-place.ts";

vi.setConfig({ testTimeout: 120_000 });
const patience = { timeout: 60_000, interval: 5 };
let place: SessionPlace;
afterEach(() => place.dispose());

async function open(options: PlaceOptions = {}): Promise<ApiEnd> {
  place = new SessionPlace(options);
  await place.start();
  const api = await place.connect();
  await api.send("chat.follow", { cursors: {} });
  return api;
}

const turnEnds = (api: ApiEnd) => [...api.events("turn-ended"), ...api.events("turn-failed")];
const ended = (api: ApiEnd, count = 1) =>
  vi.waitFor(() => expect(turnEnds(api)).toHaveLength(count), patience);

/** A small generator of the same numbers at every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("a connection that is cut", () => {
  it("at random moments loses and doubles no entry, byte for byte", async () => {
    const sender = await open();
    const conversations = [randomUUID(), randomUUID()];
    const random = seeded(20261120);
    const heard: JournalEntry[] = [];
    const cursors: Record<string, number> = {};
    for (const [index, conversationId] of conversations.entries()) {
      for (let count = 0; count < 4; count += 1) {
        await sender.prompt(
          conversationId,
          `[[script:${["hello", "thinking", "markdown"][(index + count) % 3]}]] ${count}`,
        );
      }
    }
    let cuts = 0;
    while (heard.filter(({ event }) => event.kind === "turn-ended").length < 8) {
      const reader = await place.connect();
      await reader.send("chat.follow", { cursors: { ...cursors } });
      const wanted = 1 + Math.floor(random() * 12);
      await vi.waitFor(() => {
        const done =
          heard.concat(reader.entries).filter(({ event }) => event.kind === "turn-ended").length >= 8;
        expect(reader.entries.length >= wanted || done).toBe(true);
      }, patience);
      reader.close();
      cuts += 1;
      for (const entry of reader.entries.slice(0, wanted)) {
        heard.push(entry);
        cursors[entry.conversationId] = entry.seq;
      }
    }
    expect(cuts).toBeGreaterThan(5);
    for (const conversationId of conversations) {
      const mine = heard.filter((entry) => entry.conversationId === conversationId);
      const expected = place.journal(conversationId).split("\n").slice(0, mine.length);
      expect(mine.map((entry) => JSON.stringify(entry))).toEqual(expected);
    }
  });

  it("hears the whole text of a block from a snapshot and the deltas after it", async () => {
    const api = await open();
    const conversationId = randomUUID();
    const chunks = Array.from({ length: 200 }, (_, index) => `${index} `);
    place.model.director.define("long", { steps: [{ content: [{ type: "text", chunks, everyMs: 2 }] }] });
    await api.prompt(conversationId, "[[script:long]]");
    await vi.waitFor(() => expect(api.deltas.length).toBeGreaterThan(20), patience);
    const late = await place.connect();
    await late.send("chat.follow", { cursors: {} });
    const { partials } = await late.send("chat.partials", { conversationId });
    await ended(late);
    let text = partials[0]?.text ?? "";
    expect(text.length).toBeGreaterThan(0);
    for (const delta of late.deltas) {
      if (delta.offset + delta.text.length <= text.length) continue;
      expect(delta.offset).toBeLessThanOrEqual(text.length);
      text += delta.text.slice(text.length - delta.offset);
    }
    expect(text).toBe(chunks.join(""));
    expect(late.texts()).toEqual([text]);
  });

  it("goes on from its cursors in every conversation, new ones included", async () => {
    const api = await open();
    const first = randomUUID();
    await api.prompt(first, "[[script:hello]]");
    await ended(api);
    const known = api.entries.at(-1)?.seq ?? 0;
    const other = await place.connect();
    await other.send("chat.follow", { cursors: { [first]: known } });
    const second = randomUUID();
    await api.prompt(second, "[[script:hello]]");
    await api.prompt(first, "[[script:hello]]");
    await ended(other, 2);
    const seqs = (id: string) =>
      other.entries.filter((entry) => entry.conversationId === id).map(({ seq }) => seq);
    expect(seqs(first)).toEqual(seqs(first).map((_, index) => known + 1 + index));
    expect(seqs(second)).toEqual(seqs(second).map((_, index) => 1 + index));
  });
});

describe("an agent that is killed", () => {
  it("in the middle of a turn says so, keeps every entry, and resumes the conversation", async () => {
    const api = await open();
    const conversationId = randomUUID();
    await api.prompt(conversationId, "[[script:hello]] remember the word pomegranate");
    await ended(api);
    const asked = await api.prompt(conversationId, "[[script:stall]]");
    await vi.waitFor(
      () => expect(api.deltas.some(({ text }) => text.startsWith("This"))).toBe(true),
      patience,
    );
    await place.kill();
    const before = api.entries;
    await place.start();
    await vi.waitFor(() => expect(place.claudeProcesses()).toEqual([]), patience);
    const again = await place.connect();
    await again.send("chat.follow", { cursors: { [conversationId]: before.at(-1)?.seq ?? 0 } });
    await ended(again);
    expect(again.events("turn-failed")).toMatchObject([{ reason: "agent-restarted", retryable: true }]);
    expect(again.entries[0]?.seq).toBe((before.at(-1)?.seq ?? 0) + 1);
    const sent = await again.send("chat.send", {
      conversationId,
      messageId: asked,
      text: "[[script:hello]]",
    });
    expect(sent.seq).toBe(
      before.find(({ event }) => event.kind === "user-message" && event.messageId === asked)?.seq,
    );
    await again.prompt(conversationId, "[[script:thinking]]");
    await ended(again, 2);
    expect(JSON.stringify(place.model.messageRequests.at(-1)?.body)).toContain("pomegranate");
    expect(again.events("turn-ended")[0]?.usage).toMatchObject({ outputTokens: 20 });
  });

  it("withdraws the question that nobody had answered, and holds what waited in the queue, as it was last changed", async () => {
    const api = await open();
    const conversationId = randomUUID();
    await api.prompt(conversationId, "[[script:write-file]]");
    await vi.waitFor(() => expect(api.events("permission-asked")).toHaveLength(1), patience);
    const queued = await api.prompt(conversationId, "[[script:hello]]");
    const other = await api.prompt(conversationId, "[[script:hello]] never");
    await api.send("chat.edit-queued", { conversationId, messageId: queued, text: "[[script:thinking]]" });
    await api.send("chat.remove-queued", { conversationId, messageId: other });
    await place.kill();
    await place.start();
    const again = await place.connect();
    await again.send("chat.follow", { cursors: {} });
    await vi.waitFor(
      () => expect(again.events("queue-held")).toMatchObject([{ because: "restarted" }]),
      patience,
    );
    const requestId = again.events("permission-asked")[0]?.requestId ?? "";
    expect(again.events("permission-answered")).toMatchObject([{ requestId, decision: "withdrawn" }]);
    expect(again.events("turn-failed").map(({ reason }) => reason)).toEqual(["agent-restarted"]);
    const { queue } = await again.send("chat.partials", { conversationId });
    expect(queue).toMatchObject({ prompts: [{ messageId: queued, text: "[[script:thinking]]" }] });
    await again.send("chat.release-queue", { conversationId });
    await ended(again, 2);
    expect(again.events("turn-started").at(-1)?.messageId).toBe(queued);
    expect(again.texts().at(-1)).toBe("I have thought about it.");
    const late = again.send("chat.answer", { conversationId, requestId, decision: "allow" });
    await expect(late).rejects.toMatchObject({ code: "conflict" });
    expect(existsSync(join(place.workspace, "written.txt"))).toBe(false);
  });

  it("after the recorder has everything numbers on, though its journal is gone", async () => {
    await open();
    const conversationId = randomUUID();
    const api = await place.connect();
    await api.send("chat.follow", { cursors: { [conversationId]: 41 } });
    await api.prompt(conversationId, "[[script:hello]]");
    await ended(api);
    expect(api.entries[0]?.seq).toBe(42);
  });
});

describe("a Claude Code process", () => {
  it("ends when its conversation is idle, and is resumed by the next prompt", async () => {
    const api = await open({ chat: { idleMs: 300 } });
    const conversationId = randomUUID();
    await api.prompt(conversationId, "[[script:hello]] remember the word pomegranate");
    await ended(api);
    await vi.waitFor(() => expect(place.claudeProcesses()).toEqual([]), patience);
    await api.prompt(conversationId, "[[script:hello]]");
    await ended(api, 2);
    expect(JSON.stringify(place.model.messageRequests.at(-1)?.body)).toContain("pomegranate");
    const costs = api.events("turn-ended").map(({ costUsd }) => costUsd.toFixed(6));
    expect(costs[1]).toBe(costs[0]);
  });

  it("that resumes a conversation knows what was allowed for the session", async () => {
    const api = await open({ chat: { idleMs: 300 } });
    const conversationId = randomUUID();
    await api.prompt(conversationId, "[[script:bash]]");
    await vi.waitFor(() => expect(api.events("permission-asked")).toHaveLength(1), patience);
    const requestId = api.events("permission-asked")[0]?.requestId ?? "";
    await api.send("chat.answer", { conversationId, requestId, decision: "allow-for-session" });
    await ended(api);
    await vi.waitFor(() => expect(place.claudeProcesses()).toEqual([]), patience);
    await api.prompt(conversationId, "[[script:bash]] again");
    await ended(api, 2);
    expect(api.events("permission-asked")).toHaveLength(1);
  });

  it("is there before the first prompt once somebody looks, and one only", async () => {
    const api = await open();
    expect(place.claudeProcesses()).toEqual([]);
    await api.send("chat.partials", { conversationId: randomUUID() });
    await api.send("chat.offered-models", {});
    await vi.waitFor(() => expect(place.claudeProcesses()).toHaveLength(1), patience);
    await api.prompt(randomUUID(), "[[script:hello]]");
    await ended(api);
    expect(place.claudeProcesses()).toHaveLength(1);
  });

  it("made in advance ends when no prompt comes", async () => {
    const api = await open({ chat: { spareMs: 500 } });
    await api.send("chat.offered-models", {});
    await vi.waitFor(() => expect(place.claudeProcesses()).toEqual([]), patience);
  });

  it("does not outlive the agent's orderly end", async () => {
    const api = await open();
    const conversationId = randomUUID();
    await api.prompt(conversationId, "[[script:stall]]");
    await vi.waitFor(() => expect(api.deltas.length).toBeGreaterThan(0), patience);
    await place.stop();
    expect(place.claudeProcesses()).toEqual([]);
    expect(api.events("turn-failed")).toMatchObject([{ reason: "agent-restarted" }]);
  });

  it("follows the template's leave to ask nothing, as root too", async () => {
    const api = await open({ permissionModes: ["default", "bypassPermissions"] });
    const conversationId = randomUUID();
    await api.send("chat.configure", { conversationId, permissionMode: "bypassPermissions" });
    await api.prompt(conversationId, "[[script:write-file]]");
    await ended(api);
    expect(api.events("permission-asked")).toEqual([]);
    expect(existsSync(join(place.workspace, "written.txt"))).toBe(true);
  });

  it("does not let the workspace's own settings choose a mode that nobody chose", async () => {
    const api = await open();
    const settings = { permissions: { defaultMode: "acceptEdits" } };
    mkdirSync(join(place.workspace, ".claude"));
    writeFileSync(join(place.workspace, ".claude/settings.json"), JSON.stringify(settings));
    await api.prompt(randomUUID(), "[[script:write-file]]");
    await vi.waitFor(() => expect(api.events("permission-asked")).toHaveLength(1), patience);
  });
});

describe("a laptop that is closed for ten minutes", () => {
  it("finds its question, its queue and its half-written answer where they were, and they go on", async () => {
    const before = await open({ movableClock: true, chat: { idleMs: 300_000 } });
    const [asking, writing, idle] = [randomUUID(), randomUUID(), randomUUID()];
    await before.prompt(idle, "[[script:hello]]");
    await ended(before);
    await before.prompt(asking, "[[script:write-file]]");
    await before.prompt(asking, "[[script:hello]] what waits");
    await before.prompt(writing, "[[script:stall]]");
    await vi.waitFor(() => {
      expect(before.events("permission-asked")).toHaveLength(1);
      expect(before.deltas.map(({ text }) => text).join("")).toContain("This stops in the mid");
    }, patience);
    const processes = place.claudeProcesses().length;
    const cursor = (conversationId: string) =>
      Math.max(
        ...before.entries.filter((entry) => entry.conversationId === conversationId).map((e) => e.seq),
      );
    const cursors = { [asking]: cursor(asking), [writing]: cursor(writing), [idle]: cursor(idle) };
    before.close();
    await place.passTenMinutes();
    // Time has passed: what rested has gone to sleep, and nothing else has.
    await vi.waitFor(() => expect(place.claudeProcesses()).toHaveLength(processes - 1), patience);

    const after = await place.connect();
    await after.send("chat.follow", { cursors });
    const { partials } = await after.send("chat.partials", { conversationId: writing });
    expect(partials.map(({ text }) => text).join("")).toContain("This stops in the mid");
    expect(existsSync(join(place.workspace, "written.txt"))).toBe(false);
    const [question] = before.events("permission-asked");
    const requestId = question?.requestId ?? "";
    await after.send("chat.answer", { conversationId: asking, requestId, decision: "allow" });
    place.model.gates.open("stall");
    await ended(after, 3);
    expect(turnEnds(after)).toMatchObject(Array(3).fill({ outcome: "completed" }));
    expect(existsSync(join(place.workspace, "written.txt"))).toBe(true);
    expect(after.texts().join("\n")).toContain("This stops in the middle, and goes on.");
  });
});

describe("malformed commands", () => {
  it("in their thousands are refused one by one, and the conversation goes on", async () => {
    const api = await open();
    const conversationId = randomUUID();
    const random = seeded(7);
    const junk = [
      null,
      0,
      -1,
      "",
      "x",
      [],
      {},
      true,
      "../../etc",
      "\0",
      Number.POSITIVE_INFINITY,
      { a: { b: [] } },
      "a".repeat(5000),
    ];
    const types = ["send", "interrupt", "answer", "configure", "models", "follow", "acknowledge", "partials"];
    const keys = [
      "conversationId",
      "messageId",
      "requestId",
      "seq",
      "cursors",
      "text",
      "model",
      "permissionMode",
      "decision",
    ];
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    for (let count = 0; count < 1000; count += 1) {
      const payload = random() < 0.2 ? pick(junk) : Object.fromEntries(keys.map((key) => [key, pick(junk)]));
      const type = `chat.${random() < 0.05 ? "nothing" : pick(types)}`;
      // Only what needs no field can succeed.
      await api
        .sendRaw(type, payload)
        .catch((error: { code?: string }) => expect(error.code).toBe("bad_request"));
    }
    await api.prompt(conversationId, "[[script:hello]]");
    await ended(api);
    expect(api.events("turn-ended")).toMatchObject([{ outcome: "completed" }]);
  });
});
