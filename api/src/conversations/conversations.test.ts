import { randomUUID } from "node:crypto";
import type { User } from "@remote-claude/prisma";
import { AppError, type ConversationDraft } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  auditOf,
  buildSession,
  connectSocket,
  ended,
  Journal,
  prompted,
  signedInClient,
  startApi,
  type TestApi,
  type TestSocket,
} from "../testing/index.ts";
import { pointIn } from "./fork.ts";

let api: TestApi;
let owner: User;
let socket: TestSocket;
let sessionId: string;
let conversationId: string;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());
beforeEach(async () => {
  const signedIn = await signedInClient(api);
  owner = signedIn.user;
  socket = await connectSocket(api, { cookie: signedIn.cookie });
  ({ id: sessionId } = await buildSession(api, { owner, state: "running" }));
  ({ id: conversationId } = await api.database.db.conversation.create({
    data: { sessionId, title: "Plums", permissionMode: "plan", steering: { effort: "high" } },
  }));
});
afterEach(() => {
  api.agents.connection(sessionId, false);
  socket.socket.disconnect();
});

async function member(role: "viewer" | "editor"): Promise<TestSocket> {
  const { user, cookie } = await signedInClient(api);
  await api.database.db.sessionMember.create({ data: { sessionId, userId: user.id, role } });
  return connectSocket(api, { cookie });
}

describe("going back", () => {
  it("of a conversation of another session is not found, by any command, and viewers may not", async () => {
    const other = await buildSession(api, { owner: (await signedInClient(api)).user });
    const { id: foreign } = await api.database.db.conversation.create({ data: { sessionId: other.id } });
    const viewer = await member("viewer");
    const [messageId, forkId] = [randomUUID(), randomUUID()];
    const commands: [string, object][] = [
      ["conversation.preview-rewind", { messageId }],
      ["conversation.rewind", { messageId, what: "both", overwrite: [] }],
      ["conversation.fork", { messageId, forkId, where: "before" }],
      ["conversation.archive", { archived: true }],
    ];
    for (const [type, payload] of commands) {
      for (const id of [foreign, randomUUID()]) {
        const answer = await socket.send(type, sessionId, { conversationId: id, ...payload });
        expect(answer, type).toMatchObject({ ok: false, error: { code: "not_found" } });
      }
      const answer = await viewer.send(type, sessionId, { conversationId, ...payload });
      expect(answer, type).toMatchObject({ ok: false, error: { code: "forbidden" } });
    }
    viewer.socket.disconnect();
  });

  it("is on record, also where the agent refuses it", async () => {
    api.agents.answer("conversation.rewind", () => ({ files: ["a.txt"], skipped: 0 }));
    const request = { conversationId, messageId: randomUUID(), what: "both", overwrite: ["a.txt"] };
    expect(await socket.send("conversation.rewind", sessionId, request)).toMatchObject({
      payload: { files: ["a.txt"] },
    });
    api.agents.answer("conversation.rewind", () => Promise.reject(new AppError("conflict", "at work")));
    expect(await socket.send("conversation.rewind", sessionId, request)).toMatchObject({
      error: { code: "conflict", message: "at work" },
    });
    const rows = await api.database.db.auditLog.findMany({
      where: { sessionId, action: "claude.rewound" },
      orderBy: { at: "asc" },
    });
    expect(rows.map(({ result }) => result).sort()).toEqual(["refused", "success", "success"]);
    expect(rows[0]?.details).toMatchObject({ what: "both", overwrite: ["a.txt"] });
  });
});

describe("a fork", () => {
  const by = { id: randomUUID(), name: "Someone" };
  const prompts = [prompted(by, "one"), prompted(by, "two")] as { messageId: string }[];
  const [first, second] = prompts.map(({ messageId }) => messageId) as [string, string];

  async function store(): Promise<void> {
    const [one, two] = [randomUUID(), randomUUID()];
    const events = [
      ...[prompts[0], { kind: "turn-started", turnId: one, messageId: first }, ended(one)],
      ...[prompts[1], { kind: "turn-started", turnId: two, messageId: second }, ended(two)],
    ] as { kind: string }[];
    await api.database.db.conversationEvent.createMany({
      data: events.map((event, index) => ({
        ...{ conversationId, sessionId, seq: index + 1, at: new Date(), kind: event.kind, event },
      })),
    });
    await api.database.db.conversation.update({
      where: { id: conversationId },
      data: { lastSeq: 6, costUsd: 1 },
    });
  }
  const fork = (forkId: string, messageId: string, where: "before" | "after") =>
    socket.send("conversation.fork", sessionId, { conversationId, forkId, messageId, where });

  it("begins with copies of what was said before its point, at no cost, once", async () => {
    await store();
    await socket.send("session.watch", sessionId);
    const asked: unknown[] = [];
    api.agents.answer("conversation.branch", (_, payload) => {
      asked.push(payload);
      return {};
    });
    const [before, after] = [randomUUID(), randomUUID()];
    expect((await fork(before, second, "before")).payload.conversation).toMatchObject({
      ...{ conversationId: before, title: "Plums (fork)", permissionMode: "plan", lastSeq: 4, costUsd: 0 },
      steering: { effort: "high" },
      forkedFrom: { conversationId, seq: 4 },
    });
    expect(await fork(before, second, "before")).toMatchObject({ ok: true });
    expect(await fork(after, second, "after")).toMatchObject({ payload: { conversation: { lastSeq: 6 } } });
    expect(asked).toEqual([
      { conversationId, forkId: before, before: second, seq: 4 },
      { conversationId, forkId: before, before: second, seq: 4 },
      { conversationId, forkId: after, before: null, seq: 6 },
    ]);
    const copies = await socket.send("chat.subscribe", sessionId, { conversationId: before, after: 0 });
    expect(copies.payload.entries).toHaveLength(4);
    expect(copies.payload.entries[0]).toMatchObject({
      conversationId: before,
      event: { messageId: first, text: "one" },
    });
    const actions = await auditOf(api, sessionId);
    expect(actions.filter((action) => action === "claude.forked")).toHaveLength(2);
    await vi.waitFor(() => expect(socket.of("chat.conversation-changed").length).toBeGreaterThan(1));
  });

  it("that the agent refuses is not there", async () => {
    await store();
    api.agents.answer("conversation.branch", () => Promise.reject(new AppError("conflict", "shortened")));
    const forkId = randomUUID();
    expect(await fork(forkId, first, "after")).toMatchObject({ error: { code: "conflict" } });
    expect(await api.database.db.conversation.findUnique({ where: { id: forkId } })).toBeNull();
    api.agents.release(sessionId);
    expect(await fork(forkId, first, "after")).toMatchObject({ error: { code: "session_not_ready" } });
    expect(await fork(forkId, randomUUID(), "after")).toMatchObject({ ok: false });
  });

  it("goes on only from turns that Claude still knows", () => {
    const mark = (
      seq: number,
      kind: string,
      messageId: string | null = null,
      what: string | null = null,
    ) => ({
      ...{ seq, kind, messageId, what },
    });
    const marks = [
      ...[mark(1, "user-message", "a"), mark(2, "turn-started", "a"), mark(3, "turn-ended")],
      ...[mark(4, "user-message", "b"), mark(5, "turn-started", "b"), mark(6, "turn-ended")],
      // Claude Code's own, after a background task.
      ...[mark(7, "turn-started", "x"), mark(8, "turn-ended")],
      mark(9, "rewound", "b", "both"),
      ...[mark(10, "user-message", "c"), mark(11, "turn-started", "c"), mark(12, "turn-failed")],
      mark(13, "rewound", "c", "files"),
      ...[mark(14, "user-message", "d"), mark(15, "turn-started", "d")],
    ];
    expect(pointIn(marks, "a", "before")).toEqual({ before: "a", seq: 1 });
    expect(pointIn(marks, "a", "after")).toEqual({ before: "c", seq: 10 });
    expect(pointIn(marks, "c", "after")).toEqual({ before: "d", seq: 14 });
    expect(pointIn(marks.slice(0, 6), "b", "after")).toEqual({ before: null, seq: 6 });
    expect(() => pointIn(marks, "b", "before")).toThrow("does not know");
    expect(() => pointIn(marks, "d", "after")).toThrow("at work");
  });
});

describe("a conversation that is put away", () => {
  const list = async (archived?: boolean) =>
    (await socket.send("chat.list", sessionId, { archived })).payload.conversations.map(
      (one: { conversationId: string }) => one.conversationId,
    );
  const archive = (archived: boolean) =>
    socket.send("conversation.archive", sessionId, { conversationId, archived });

  it("leaves the list and is in another, until it is taken out or somebody writes in it", async () => {
    expect(await archive(true)).toMatchObject({
      payload: { conversation: { archivedAt: expect.any(String) } },
    });
    await archive(true);
    expect([await list(), await list(true)]).toEqual([[], [conversationId]]);
    await archive(false);
    expect([await list(), await list(true)]).toEqual([[conversationId], []]);
    const actions = (await auditOf(api, sessionId)).filter((action) => action.includes("archived"));
    expect(actions.sort()).toEqual(["claude.archived", "claude.unarchived"]);
    await archive(true);
    const journal = new Journal(api, sessionId, conversationId);
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBeGreaterThan(0));
    journal.tell(prompted({ id: owner.id, name: owner.name }));
    await vi.waitFor(async () => expect(await list()).toEqual([conversationId]));
  });

  it("is not put away while Claude is at work in it", async () => {
    await api.database.db.conversation.update({
      where: { id: conversationId },
      data: { state: "waiting" },
    });
    expect(await archive(true)).toMatchObject({ error: { code: "conflict" } });
    expect(await list()).toEqual([conversationId]);
  });
});

describe("drafts", () => {
  const save = (text: string, id = conversationId, by = socket, attachments: object[] = []) =>
    by.send("conversation.save-draft", sessionId, { conversationId: id, text, attachments });
  const drafts = async (of = socket): Promise<ConversationDraft[]> =>
    (await of.send("conversation.drafts", sessionId, {})).payload.drafts;

  it("are each person's own, one for each conversation, and gone when they are empty", async () => {
    const editor = await member("editor");
    await save("half a\0 sentence", conversationId, socket, [{ path: "a.ts", lines: [1, 2] }]);
    const unbegun = randomUUID();
    await save("theirs", unbegun, editor);
    expect(await drafts()).toMatchObject([
      { conversationId, text: "half a\ufffd sentence", attachments: [{ path: "a.ts", lines: [1, 2] }] },
    ]);
    expect(await drafts(editor)).toMatchObject([{ conversationId: unbegun, text: "theirs" }]);
    await save("another", unbegun);
    const one = await socket.send("conversation.drafts", sessionId, { conversationId: unbegun });
    expect(one.payload.drafts).toMatchObject([{ conversationId: unbegun, text: "another" }]);
    await save("", unbegun);
    await save("a whole sentence.");
    expect(await drafts()).toMatchObject([{ text: "a whole sentence.", attachments: [] }]);
    await save("");
    expect(await drafts()).toEqual([]);
    editor.socket.disconnect();
  });

  it("are not kept for those who may not write, nor without bounds", async () => {
    const viewer = await member("viewer");
    expect(await save("x", conversationId, viewer)).toMatchObject({ error: { code: "forbidden" } });
    expect(await drafts(viewer)).toEqual([]);
    expect(await save("x".repeat(200_001))).toMatchObject({ error: { code: "bad_request" } });
    for (let count = 0; count < 103; count += 1) await save(`${count}`, randomUUID());
    expect(await drafts()).toHaveLength(100);
    viewer.socket.disconnect();
  });
});
