import { randomUUID } from "node:crypto";
import type { User } from "@remote-claude/prisma";
import type { ChatDelta, JournalEntry } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type ApiClient,
  buildSession,
  connectSocket,
  Journal,
  signedInClient,
  startApi,
  type TestApi,
  type TestSocket,
} from "../testing/index.ts";

let api: TestApi;
let owner: User;
let client: ApiClient;
let socket: TestSocket;
let sessionId: string;
let conversationId: string;
let journal: Journal;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

beforeEach(async () => {
  const signedIn = await signedInClient(api);
  ({ user: owner, client } = signedIn);
  socket = await connectSocket(api, { cookie: signedIn.cookie });
  ({ id: sessionId } = await buildSession(api, { owner, state: "running" }));
  ({ id: conversationId } = await api.database.db.conversation.create({ data: { sessionId } }));
  journal = new Journal(api, sessionId, conversationId);
  api.agents.answer("chat.partials", () => ({ partials: [] }));
});
afterEach(() => {
  api.agents.connection(sessionId, false);
  socket.socket.disconnect();
});

/** Rows as the recorder writes them, without the way through an agent. */
async function store(count: number, { text = "said", first = 1 } = {}) {
  await api.database.db.conversationEvent.createMany({
    data: Array.from({ length: count }, (_, index) => ({
      conversationId,
      sessionId,
      seq: first + index,
      at: new Date(),
      kind: "sdk",
      event: { kind: "sdk", turnId: null, message: { type: "system", text } },
    })),
  });
  await api.database.db.conversation.update({
    where: { id: conversationId },
    data: { lastSeq: first + count - 1 },
  });
}

async function record() {
  api.agents.connection(sessionId, true);
  await vi.waitFor(() => expect(journal.follows).toBeGreaterThan(0));
}

const seqsOf = (entries: JournalEntry[]) => entries.map(({ seq }) => seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const sdk = (text: string) => ({ kind: "sdk" as const, turnId: null, message: { type: "system", text } });
const path = (rest: string) => `/api/sessions/${sessionId}/claude/${rest}`;

describe("conversations", () => {
  it("are made once by the id that the client chose, and not under another session's", async () => {
    const id = randomUUID();
    const made = await socket.send("chat.create", sessionId, { conversationId: id, title: "A\0 title" });
    expect(made.payload.conversation).toMatchObject({
      conversationId: id,
      title: "A\ufffd title",
      lastSeq: 0,
    });
    const again = await socket.send("chat.create", sessionId, { conversationId: id, title: "other" });
    expect(again.payload.conversation.title).toBe("A\ufffd title");
    const other = await buildSession(api, { owner });
    const taken = await socket.send("chat.create", other.id, { conversationId: id });
    expect(taken).toMatchObject({ ok: false, error: { code: "conflict" } });
    expect(await socket.send("chat.list", other.id)).toMatchObject({ payload: { conversations: [] } });
  });

  it("are renamed, listed by newest activity, and announced to those who watch", async () => {
    await socket.send("session.watch", sessionId);
    const { db } = api.database;
    const { id: older } = await db.conversation.create({ data: { sessionId, lastActiveAt: new Date(0) } });
    await db.conversation.create({ data: { sessionId, archivedAt: new Date() } });
    expect(
      await socket.send("chat.rename", sessionId, { conversationId: older, title: "New" }),
    ).toMatchObject({ ok: true });
    await vi.waitFor(() =>
      expect(socket.of("chat.conversation-changed")).toMatchObject([{ conversation: { title: "New" } }]),
    );
    const { payload } = await socket.send("chat.list", sessionId);
    expect(payload.conversations.map((one: { conversationId: string }) => one.conversationId)).toEqual([
      conversationId,
      older,
    ]);
    expect((await client.get(path("conversations"))).body).toEqual(payload);
  });

  it("of another session, and those that are not there, are not found, by any command or route", async () => {
    const stranger = await buildSession(api, { owner: (await signedInClient(api)).user });
    const { id: foreign } = await api.database.db.conversation.create({ data: { sessionId: stranger.id } });
    for (const id of [foreign, randomUUID()]) {
      const commands: [string, object][] = [
        ["chat.rename", { title: "x" }],
        ["chat.subscribe", { after: null }],
        ["chat.history", { before: 5, limit: 5 }],
        ["chat.send", { messageId: randomUUID(), text: "hi" }],
        ["chat.interrupt", {}],
        ["chat.edit-queued", { messageId: randomUUID(), text: "hi" }],
        ["chat.remove-queued", { messageId: randomUUID() }],
        ["chat.move-queued", { messageId: randomUUID(), before: null }],
        ["chat.release-queue", {}],
        ["chat.configure", { model: null }],
        ["chat.answer", { requestId: randomUUID(), decision: "allow" }],
      ];
      for (const [type, payload] of commands) {
        const answer = await socket.send(type, sessionId, { conversationId: id, ...payload });
        expect(answer, type).toMatchObject({ ok: false, error: { code: "not_found" } });
      }
      expect((await client.get(path(`history?conversationId=${id}`))).code).toBe("not_found");
      expect((await client.post(path("chat"), { message: "hi", conversationId: id })).code).toBe("not_found");
    }
    expect(journal.prompts).toEqual([]);
    const row = await api.database.db.conversation.findUniqueOrThrow({ where: { id: foreign } });
    expect(row.title).toBeNull();
  });
});

describe("chat.subscribe", () => {
  const subscribe = (after: number | null) =>
    socket.send("chat.subscribe", sessionId, { conversationId, after });

  it("gives the last 200 to who has nothing, and pages of 500 after a cursor", async () => {
    await store(1234);
    const tail = (await subscribe(null)).payload;
    expect(seqsOf(tail.entries)).toEqual(range(1035, 1234));
    expect(tail).toMatchObject({ more: false, conversation: { lastSeq: 1234 } });
    let after = 200;
    const pages: number[][] = [];
    for (let more = true; more; ) {
      const { payload } = await subscribe(after);
      pages.push(seqsOf(payload.entries));
      after = pages.at(-1)?.at(-1) ?? after;
      more = payload.more;
    }
    expect(pages).toEqual([range(201, 700), range(701, 1200), range(1201, 1234)]);
    expect((await subscribe(1234)).payload).toMatchObject({ entries: [], more: false });
    expect((await subscribe(9999)).payload).toMatchObject({ entries: [], more: false });
  });

  it("ends a page before it becomes too large to send", async () => {
    // Random, so that Postgres cannot make it smaller.
    for (let seq = 1; seq <= 12; seq += 1) {
      const text = Array.from({ length: 30_000 }, () => randomUUID()).join("");
      await store(1, { text, first: seq });
    }
    const first = (await subscribe(0)).payload;
    expect(first.more).toBe(true);
    expect(first.entries.length).toBeGreaterThan(1);
    const rest = (await subscribe(first.entries.length)).payload;
    expect(seqsOf([...first.entries, ...rest.entries])).toEqual(range(1, 12));
    const tail = (await subscribe(null)).payload;
    expect(tail.entries.length).toBeLessThan(12);
    expect(tail.entries.at(-1).seq).toBe(12);
  });

  it("gives what is not stored yet as well, then everything live, once and in order", async () => {
    await store(3);
    await record();
    await api.database.db.$transaction(async (transaction) => {
      await transaction.$executeRaw`lock table conversation_events in exclusive mode`;
      for (const text of ["4", "5"]) journal.tell(sdk(text));
      expect(seqsOf((await subscribe(0)).payload.entries)).toEqual([1, 2, 3, 4, 5]);
      expect(seqsOf((await subscribe(null)).payload.entries)).toEqual([1, 2, 3, 4, 5]);
      expect(seqsOf((await subscribe(4)).payload.entries)).toEqual([5]);
    });
    for (const text of ["6", "7"]) journal.tell(sdk(text));
    await vi.waitFor(() => expect(seqsOf(socket.of("chat.entry"))).toEqual([6, 7]));
    await socket.send("chat.unsubscribe", sessionId, { conversationId });
    journal.tell(sdk("8"));
    expect(
      seqsOf(
        (await socket.send("chat.history", sessionId, { conversationId, before: 9, limit: 1 })).payload
          .entries,
      ),
    ).toHaveLength(1);
    expect(seqsOf(socket.of("chat.entry"))).toEqual([6, 7]);
  });

  it("that is taken back at once does not come back to life", async () => {
    await record();
    const asked = [subscribe(null), socket.send("chat.unsubscribe", sessionId, { conversationId })];
    await Promise.all(asked);
    journal.tell(sdk("1"));
    await socket.send("chat.list", sessionId);
    expect(socket.of("chat.entry")).toEqual([]);
  });

  it("says what is being written, and does without when the agent does not know", async () => {
    const partial: ChatDelta = {
      conversationId,
      turnId: randomUUID(),
      messageId: "m",
      parentToolUseId: null,
      block: 0,
      blockType: "text",
      toolName: null,
      offset: 0,
      text: "Hel",
    };
    api.agents.answer("chat.partials", () => ({ partials: [partial] }));
    expect((await subscribe(null)).payload.partials).toEqual([partial]);
    api.agents.answer("chat.partials", () => Promise.reject(new Error("no")));
    expect((await subscribe(null)).payload.partials).toEqual([]);
    api.agents.release(sessionId);
    expect((await subscribe(null)).payload.partials).toEqual([]);
  });
});

describe("history", () => {
  it("pages backwards over the socket and forwards over REST", async () => {
    await store(30);
    const back = await socket.send("chat.history", sessionId, { conversationId, before: 21, limit: 10 });
    expect(seqsOf(back.payload.entries)).toEqual(range(11, 20));
    const first = await client.get(path("history?after=5&limit=10"));
    expect(first.body).toMatchObject({ conversationId, more: true });
    expect(seqsOf(first.body.entries)).toEqual(range(6, 15));
    expect((await client.get(path("history?after=25"))).body.more).toBe(false);
    for (const query of ["after=-1", "after=x", "limit=501", "limit=0", "unknown=1"]) {
      expect((await client.get(path(`history?${query}`))).code, query).toBe("bad_request");
    }
    const empty = await buildSession(api, { owner });
    expect((await client.get(`/api/sessions/${empty.id}/claude/history`)).body).toEqual({
      conversationId: null,
      entries: [],
      more: false,
    });
  });
});
