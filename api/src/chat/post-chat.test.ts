import { randomUUID } from "node:crypto";
import { newId, type User } from "@remote-claude/prisma";
import type { JournalEntry } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type ApiClient,
  auditOf,
  buildSession,
  Journal,
  signedInClient,
  someUsage,
  startApi,
  type TestApi,
} from "../testing/index.ts";

let api: TestApi;
let owner: User;
let client: ApiClient;
let sessionId: string;
let conversationId: string;
let journal: Journal;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

beforeEach(async () => {
  ({ user: owner, client } = await signedInClient(api));
  ({ id: sessionId } = await buildSession(api, { owner, state: "running" }));
  ({ id: conversationId } = await api.database.db.conversation.create({ data: { sessionId } }));
  journal = new Journal(api, sessionId, conversationId);
});
afterEach(() => {
  api.agents.connection(sessionId, false);
});

async function record() {
  api.agents.connection(sessionId, true);
  await vi.waitFor(() => expect(journal.follows).toBeGreaterThan(0));
}

const sdk = (text: string) => ({ kind: "sdk" as const, turnId: null, message: { type: "system", text } });
const path = (rest: string) => `/api/sessions/${sessionId}/claude/${rest}`;

const out = (userId: string) => api.database.db.sessionMember.deleteMany({ where: { sessionId, userId } });
const demote = (userId: string) =>
  api.database.db.sessionMember.updateMany({ where: { sessionId, userId }, data: { role: "viewer" } });
const disable = (id: string) => api.database.db.user.update({ where: { id }, data: { status: "disabled" } });
const signOut = (userId: string) =>
  api.database.db.signIn.updateMany({ where: { userId }, data: { revokedAt: api.clock.now() } });

describe("POST chat", () => {
  const ask = (body: object = { message: "hi", conversationId }, headers?: Record<string, string>) =>
    client.post(path("chat"), body, headers);

  it("answers when the turn has ended, in a new conversation if none is named", async () => {
    await record();
    journal.onPrompt = ({ messageId, conversationId: id }) => {
      // Somebody else's turn in between is not ours.
      journal.turn(randomUUID(), "not this", id);
      journal.turn(messageId, "Done.", id);
      journal.turn(randomUUID(), "nor this", id);
    };
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      conversationId,
      outcome: "completed",
      text: "Done.",
      failure: null,
      costUsd: 0.5,
    });
    const made = await ask({ message: "hello" });
    expect(made.body.conversationId).not.toBe(conversationId);
    const stored = await client.get(path(`history?conversationId=${made.body.conversationId}`));
    expect(stored.body.entries.map(({ event }: JournalEntry) => event.kind).slice(0, 2)).toEqual([
      "user-message",
      "turn-started",
    ]);
    expect((await auditOf(api, sessionId)).filter((action) => action === "claude.prompted")).toHaveLength(2);
  });

  it("streams entries and deltas of the turn, and its result at last", async () => {
    await record();
    const turnId = randomUUID();
    const delta = {
      conversationId,
      turnId,
      messageId: "m",
      parentToolUseId: null,
      block: 0,
      blockType: "text",
      toolName: null,
      offset: 0,
      text: "Do",
    } as const;
    // Claude may be quicker than the answer of the agent that the prompt was taken.
    journal.onSend = () => api.agents.emit("chat.delta", sessionId, { ...delta, text: "early" });
    journal.onPrompt = async ({ messageId }) => {
      api.agents.emit("chat.delta", sessionId, delta);
      api.agents.emit("chat.delta", sessionId, { ...delta, conversationId: randomUUID(), text: "other" });
      journal.turn(messageId, "Done.");
      journal.turn(randomUUID(), "after the end");
    };
    const { status, headers, text } = await ask(undefined, { accept: "text/event-stream" });
    expect(status).toBe(200);
    expect(headers["content-type"]).toContain("text/event-stream");
    const events = text
      .trim()
      .split("\n\n")
      .map((block) => block.split("\n")[0]?.replace("event: ", ""));
    expect(events.filter((event) => event === "delta")).toHaveLength(2);
    expect(text.indexOf('"text":"early"')).toBeLessThan(text.indexOf('"text":"Do"'));
    expect(text).toContain('"text":"early"');
    expect(events.filter((event) => event === "entry")).toHaveLength(4);
    expect(events.at(-1)).toBe("result");
    expect(text).not.toContain("other");
    expect(text).not.toContain("after the end");
  });

  it("gives a failed turn as a result and a stopped session as a refusal", async () => {
    await record();
    journal.onPrompt = ({ messageId }) => {
      const turnId = randomUUID();
      journal.tell({ kind: "turn-started", turnId, messageId });
      journal.tell({
        kind: "turn-failed",
        turnId,
        reason: "key-missing",
        message: "No key.",
        retryable: false,
        durationMs: 1,
        costUsd: 0,
        usage: someUsage,
      });
    };
    expect((await ask()).body).toMatchObject({
      outcome: "failed",
      text: "",
      failure: { reason: "key-missing", message: "No key." },
    });
    journal.onPrompt = () => void client.post(`/api/sessions/${sessionId}/stop`);
    const stopped = await ask();
    expect(stopped).toMatchObject({ status: 409, code: "session_not_ready" });
    expect((await ask()).code).toBe("session_not_ready");
  });

  it("is for those who may use the session", async () => {
    const viewer = await signedInClient(api);
    await api.database.db.sessionMember.create({
      data: { sessionId, userId: viewer.user.id, role: "viewer" },
    });
    expect((await viewer.client.post(path("chat"), { message: "hi" })).code).toBe("forbidden");
    expect((await (await signedInClient(api)).client.post(path("chat"), { message: "hi" })).code).toBe(
      "not_found",
    );
    expect((await api.client.post(path("chat"), { message: "hi" })).code).toBe("unauthenticated");
    for (const body of [
      {},
      { message: "" },
      { message: 1 },
      { message: "x", more: 1 },
      { message: "x".repeat(200_001) },
    ]) {
      expect((await ask(body)).code).toBe("bad_request");
    }
    expect(journal.prompts).toEqual([]);
  });

  it("goes on over a lost connection to the agent, each entry once", async () => {
    await record();
    journal.onPrompt = ({ messageId }) => {
      const turnId = randomUUID();
      journal.tell({ kind: "turn-started", turnId, messageId });
      api.agents.connection(sessionId, false);
      // Nobody hears these; they come when the connection is back.
      journal.write({
        kind: "sdk",
        turnId,
        message: { type: "assistant", message: { content: [{ type: "text", text: "Late" }] } },
      });
      journal.write({
        kind: "turn-ended",
        turnId,
        outcome: "completed",
        durationMs: 1,
        costUsd: 0,
        usage: someUsage,
      });
      api.agents.connection(sessionId, true);
    };
    const { text } = await ask(undefined, { accept: "text/event-stream" });
    const seqs = [...text.matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq));
    expect(seqs).toEqual([1, 2, 3, 4]);
    expect(text).toContain('"text":"Late"');
  });

  it("does not take another session's word for the end of a turn", async () => {
    const evil = await buildSession(api, { owner: (await signedInClient(api)).user, state: "running" });
    await record();
    api.agents.connection(evil.id, true);
    journal.onPrompt = ({ messageId }) => {
      const turnId = randomUUID();
      const at = new Date().toISOString();
      const forged = (seq: number, event: JournalEntry["event"]) =>
        api.agents.emit("chat.entry", evil.id, { conversationId, seq, at, event });
      forged(2, { kind: "turn-started", turnId, messageId });
      forged(3, {
        kind: "turn-failed",
        turnId,
        reason: "internal",
        message: "forged",
        retryable: false,
        durationMs: 1,
        costUsd: 0,
        usage: someUsage,
      });
      journal.turn(messageId, "Own.");
    };
    expect((await ask()).body).toMatchObject({ outcome: "completed", text: "Own." });
    api.agents.connection(evil.id, false);
  });

  it.each([
    ["is taken out of the session", 404, (userId: string) => out(userId)],
    ["may only look from now on", 403, (userId: string) => demote(userId)],
    ["is disabled", 401, (userId: string) => disable(userId)],
    ["is signed in no longer", 401, (userId: string) => signOut(userId)],
  ])("ends for an editor who %s, and goes on for the others", async (_, status, act) => {
    await record();
    const editor = await signedInClient(api);
    const member = { sessionId, userId: editor.user.id, role: "editor" as const };
    await api.database.db.sessionMember.create({ data: member });
    const listening = api.agents.listening("chat.delta");
    const asked = editor.client.post(path("chat"), { message: "hi", conversationId });
    await vi.waitFor(() => expect(journal.prompts).toHaveLength(1));
    const streamed = fetch(`${client.origin}${path("chat")}`, {
      method: "POST",
      headers: { ...editor.client.headers, "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ message: "hi", conversationId }),
    });
    await vi.waitFor(() => expect(journal.prompts).toHaveLength(2));
    const { body } = await streamed;
    await act(editor.user.id);
    expect((await asked).status).toBe(status);
    // Cut off, so that nobody takes half for the whole.
    await expect(new Response(body).text()).rejects.toThrow();
    await vi.waitFor(() => expect(api.agents.listening("chat.delta")).toBe(listening));
    expect((await client.get(path("history"))).status).toBe(200);
  });

  it("lets a client go away: the turn goes on and nothing is left listening", async () => {
    await record();
    const listening = vi.spyOn(api.agents, "onEvent");
    const aborted = new AbortController();
    const answer = fetch(`${client.origin}${path("chat")}`, {
      method: "POST",
      headers: { ...client.headers, "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ message: "hi", conversationId }),
      signal: aborted.signal,
    });
    await vi.waitFor(() => expect(journal.prompts).toHaveLength(1));
    await answer;
    // Before the prompt went out, and to follow its turn.
    expect(listening).toHaveBeenCalledTimes(2);
    const before = api.agents.listening("chat.delta");
    aborted.abort();
    await vi.waitFor(() => expect(api.agents.listening("chat.delta")).toBe(before - 1));
    journal.turn(journal.prompts[0] ?? "", "Done.");
    await vi.waitFor(async () => {
      const { body } = await client.get(path("history"));
      expect(body.entries.at(-1).event.kind).toBe("turn-ended");
    });
    listening.mockRestore();
  });

  it("is told when its message is taken out of the queue, or held, before Claude begins with it", async () => {
    await record();
    journal.onPrompt = ({ messageId }) => journal.tell({ kind: "prompt-removed", messageId, by: null });
    expect((await ask()).code).toBe("conflict");
    for (const because of ["restarted", "failed"] as const) {
      journal.onPrompt = () => journal.tell({ kind: "queue-held", because, by: null });
      expect((await ask()).code).toBe("unavailable");
    }
  });

  it("finds the turn's end among more entries than one page holds", async () => {
    await record();
    journal.onPrompt = ({ messageId }) => {
      const turnId = randomUUID();
      journal.tell({ kind: "turn-started", turnId, messageId });
      for (let count = 0; count < 1200; count += 1) journal.tell({ ...sdk(`${count}`), turnId });
      journal.turn(newId(), "x");
      journal.tell({
        kind: "turn-ended",
        turnId,
        outcome: "interrupted",
        durationMs: 1,
        costUsd: 0,
        usage: someUsage,
      });
    };
    expect((await ask()).body).toMatchObject({ outcome: "interrupted" });
  });
});
