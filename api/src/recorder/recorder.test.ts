import { randomUUID } from "node:crypto";
import type { ChatEvent } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  auditOf,
  buildSession,
  Journal,
  prompted,
  signedInClient,
  someUsage,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import { placeholderOf, titleOf } from "./conversation-fold.ts";
import { createRecorder, type Recorder } from "./recorder.ts";

let api: TestApi;
let sessionId: string;
let placeId: string;
let owner: { id: string; name: string };
let journal: Journal;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const conversation = (id = journal.conversationId) =>
  api.database.db.conversation.findUniqueOrThrow({ where: { id } });
const storedSeqs = async (id = journal.conversationId) => {
  const rows = await api.database.db.conversationEvent.findMany({
    where: { conversationId: id },
    orderBy: { seq: "asc" },
  });
  return rows.map(({ seq }) => seq);
};
const prompt = (text?: string) => prompted(owner, text);
const sdk = (text: string): ChatEvent => ({ kind: "sdk", turnId: null, message: { type: "system", text } });

beforeEach(async () => {
  const { user } = await signedInClient(api);
  owner = { id: user.id, name: user.name };
  ({ id: sessionId, placeId } = await buildSession(api, { owner: user, state: "running" }));
  const row = await api.database.db.conversation.create({ data: { sessionId } });
  journal = new Journal(api, sessionId, row.id);
});
afterEach(() => api.agents.connection(sessionId, false));

describe("the recorder", () => {
  it("stores what the agent kept and what it says live, once and in order, and lets it forget", async () => {
    for (let count = 0; count < 450; count++) journal.write(sdk(`kept ${count}`));
    api.agents.connection(sessionId, true);
    await vi.waitFor(async () => expect(await storedSeqs()).toHaveLength(450), { timeout: 10_000 });
    const live = journal.write(sdk("live"));
    journal.say(live);
    journal.say(live);
    await vi.waitFor(async () => expect((await storedSeqs()).at(-1)).toBe(451));
    expect(await storedSeqs()).toEqual(Array.from({ length: 451 }, (_, index) => index + 1));
    await vi.waitFor(() => expect(journal.entries).toEqual([]));
    expect((await conversation()).lastSeq).toBe(451);
  });

  it("keeps the conversation's row in step: title, state, model, cost and tokens", async () => {
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    const turnId = randomUUID();
    const requestId = randomUUID();
    const steps: [ChatEvent, string][] = [
      [prompt("Make it faster\nplease"), "idle"],
      [{ kind: "turn-started", turnId, messageId: randomUUID() }, "working"],
      [
        {
          kind: "permission-asked",
          turnId,
          requestId,
          toolUseId: "t1",
          toolName: "Bash",
          input: { command: "ls" },
          title: null,
          rules: [],
        },
        "waiting",
      ],
      [{ kind: "permission-answered", requestId, decision: "allow", message: null, by: owner }, "working"],
      [{ kind: "configured", model: "opus", permissionMode: "plan", by: owner }, "working"],
      [
        { kind: "turn-ended", turnId, outcome: "completed", durationMs: 5, costUsd: 0.25, usage: someUsage },
        "idle",
      ],
    ];
    for (const [event, state] of steps) {
      const entry = journal.write(event);
      journal.say(entry);
      await vi.waitFor(async () => expect(await conversation()).toMatchObject({ lastSeq: entry.seq, state }));
    }
    const row = await conversation();
    expect(row).toMatchObject({ title: "Make it faster", model: "opus", permissionMode: "plan" });
    expect(Number(row.costUsd)).toBe(0.25);
    expect(Number(row.cacheWriteTokens)).toBe(4);
    expect(await auditOf(api, sessionId)).toEqual(["claude.permission-asked", "claude.turn-ended"]);
  });

  it("names in the audit log nobody who has no part in the session, whatever the agent says", async () => {
    const { user: stranger } = await signedInClient(api);
    api.agents.connection(sessionId, true);
    const ended = (): ChatEvent => ({
      kind: "turn-ended",
      turnId: randomUUID(),
      outcome: "completed",
      durationMs: 1,
      costUsd: 0,
      usage: someUsage,
    });
    for (const by of [owner, { id: stranger.id, name: "not me" }]) {
      journal.tell({ kind: "user-message", messageId: randomUUID(), text: "Do it", attachments: [], by });
      journal.tell(ended());
    }
    const rows = () =>
      api.database.db.auditLog.findMany({
        where: { sessionId, action: "claude.turn-ended" },
        orderBy: { id: "asc" },
      });
    await vi.waitFor(async () => expect(await rows()).toHaveLength(2), { timeout: 10_000 });
    // Rows of one batch have no order among themselves.
    expect(await rows()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ userId: owner.id }),
        expect.objectContaining({
          userId: null,
          details: expect.objectContaining({ claimedUserId: stranger.id }),
        }),
      ]),
    );
    expect(await api.database.db.auditLog.count({ where: { sessionId, userId: stranger.id } })).toBe(0);
  });

  it("counts a replayed turn's cost and audit rows once", async () => {
    const turnId = randomUUID();
    const ended: ChatEvent = {
      kind: "turn-ended",
      turnId,
      outcome: "completed",
      durationMs: 1,
      costUsd: 1,
      usage: someUsage,
    };
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    // The acknowledgement is lost: the agent says it all again after the connection comes back.
    api.agents.answer("chat.acknowledge", () => ({}));
    journal.say(journal.write(ended));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1]));
    const [entry] = journal.entries;
    if (entry === undefined) throw new Error("forgotten");
    for (let count = 0; count < 3; count++) journal.say(entry);
    journal.say(journal.write(sdk("after")));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1, 2]));
    expect(Number((await conversation()).costUsd)).toBe(1);
    expect(await auditOf(api, sessionId)).toEqual(["claude.turn-ended"]);
  });

  it("asks again when an entry is missing", async () => {
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    journal.say(journal.write(sdk("first")));
    journal.write(sdk("never said"));
    journal.say(journal.write(sdk("third")));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1, 2, 3]));
    expect(journal.follows).toBeGreaterThan(1);
  });

  it("writes nothing into a conversation of another session, whatever the agent says", async () => {
    const other = await signedInClient(api);
    const victim = await buildSession(api, { owner: other.user });
    const { id } = await api.database.db.conversation.create({ data: { sessionId: victim.id } });
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    const forged = { conversationId: id, seq: 1, at: new Date().toISOString(), event: prompt("forged") };
    api.agents.emit("chat.entry", sessionId, forged);
    journal.say(journal.write(sdk("own")));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1]));
    expect(await storedSeqs(id)).toEqual([]);
  });

  it("records a conversation that was made after it had begun to follow", async () => {
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    const { id } = await api.database.db.conversation.create({ data: { sessionId } });
    for (let count = 0; count < 3; count += 1) journal.tell(sdk(`${count}`), id);
    await vi.waitFor(async () => expect(await storedSeqs(id)).toEqual([1, 2, 3]));
  });

  it("stores what a tool put out even if Postgres would refuse it, and what comes after", async () => {
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    journal.tell(prompt("a\0 title\ud800"));
    journal.tell(sdk("binary \0 \udfff output"));
    journal.tell(
      JSON.parse(
        `{"kind":"sdk","turnId":null,"message":{"type":"t","x":${"[".repeat(3000)}${"]".repeat(3000)}}}`,
      ),
    );
    journal.tell(sdk("after"));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1, 2, 3, 4]));
    expect((await conversation()).title).toBe("a\ufffd title\ufffd");
  });

  it("passes over what no column has room for, and records the rest", async () => {
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    const entry = { conversationId: journal.conversationId, at: new Date().toISOString(), event: sdk("x") };
    api.agents.emit("chat.entry", sessionId, { ...entry, seq: 2 ** 40 });
    api.agents.emit("chat.entry", sessionId, { ...entry, seq: 1, at: "0000-01-01T00:00:00Z" });
    journal.tell(sdk("own"));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1]));
  });

  it("loses nothing while the database stalls and more comes than it holds", async () => {
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    const count = 5300;
    await api.database.db.$transaction(
      async (transaction) => {
        await transaction.$executeRaw`lock table conversation_events in exclusive mode`;
        for (let written = 0; written < count; written += 1) journal.tell(sdk(`${written}`));
      },
      { timeout: 20_000 },
    );
    // Said while there is room again, but before what was left out has been asked for.
    await vi.waitFor(async () => expect((await storedSeqs()).length).toBeGreaterThan(0));
    journal.tell(sdk("later"));
    await vi.waitFor(async () => expect(await storedSeqs()).toHaveLength(count + 1), { timeout: 25_000 });
    await vi.waitFor(() => expect(journal.entries).toEqual([]));
  });

  it("goes on after entries that nobody has any more", async () => {
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    journal.tell(sdk("1"));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1]));
    for (const text of ["2", "3"]) journal.write(sdk(text));
    journal.entries.length = 0;
    journal.tell(sdk("4"));
    journal.tell(sdk("5"));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1, 4, 5]), { timeout: 10_000 });
  });

  it("keeps the name that a person gave a conversation before its first prompt", async () => {
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    journal.tell({ kind: "configured", model: null, permissionMode: "plan", by: owner });
    await vi.waitFor(async () => expect((await conversation()).permissionMode).toBe("plan"));
    await api.database.db.conversation.update({
      where: { id: journal.conversationId },
      data: { title: "Mine" },
    });
    journal.tell(prompt("Something else"));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1, 2]));
    expect((await conversation()).title).toBe("Mine");
  });

  it("calls a conversation by what was attached until there are words, over a restart too", async () => {
    const picture = (): ChatEvent => ({
      ...{ kind: "user-message", messageId: randomUUID(), text: "", by: owner },
      attachments: [{ path: "uploads/20261126-204012-plot.png" }],
    });
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    journal.tell(picture());
    await vi.waitFor(async () => expect((await conversation()).title).toBe("plot.png"));
    api.agents.connection(sessionId, false);
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(2));
    journal.tell(picture());
    journal.tell(prompt("What does it show?"));
    await vi.waitFor(async () => expect((await conversation()).title).toBe("What does it show?"));
    journal.tell(prompt("And now?"));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1, 2, 3, 4]));
    expect((await conversation()).title).toBe("What does it show?");
  });

  it("keeps the name that a person gave a conversation of a picture, when words come", async () => {
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    const attachments = [{ path: "plot.png" }];
    journal.tell({ kind: "user-message", messageId: randomUUID(), text: "", attachments, by: owner });
    await vi.waitFor(async () => expect((await conversation()).title).toBe("plot.png"));
    await api.database.db.conversation.update({
      where: { id: journal.conversationId },
      data: { title: "Mine" },
    });
    journal.tell(prompt("Something else"));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1, 2]));
    expect((await conversation()).title).toBe("Mine");
  });

  it("asks the database only now and then, however many conversations an agent invents", async () => {
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    const at = new Date().toISOString();
    const before = journal.follows;
    for (let count = 0; count < 3000; count += 1) {
      api.agents.emit("chat.entry", sessionId, { conversationId: randomUUID(), seq: 1, at, event: sdk("x") });
    }
    journal.tell(sdk("own"));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1]));
    expect(journal.follows - before).toBeLessThan(5);
  });

  it("leaves recording to the holder of the lease, and takes over when that one is gone", async () => {
    const { db } = api.database;
    await db.recorderLease.create({ data: { placeId, holder: "another api", fence: 7n } });
    const second: Recorder = createRecorder(api.app.context);
    const seen: number[] = [];
    second.onEntry((_, entry) => seen.push(entry.seq));
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBeGreaterThan(0));
    journal.say(journal.write(prompt()));
    await vi.waitFor(() => expect(seen).toEqual([1]));
    expect(second.recentAfter(sessionId, journal.conversationId, 0)).toHaveLength(1);
    expect(await storedSeqs()).toEqual([]);
    const longAgo = new Date(Date.now() - 60_000);
    await db.recorderLease.update({ where: { placeId }, data: { heartbeatAt: longAgo } });
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1]), { timeout: 15_000 });
    expect((await db.recorderLease.findUniqueOrThrow({ where: { placeId } })).fence).toBe(8n);
    expect(seen).toEqual([1]);
    await second.stop();
  });

  it("stops writing the moment another holder has a newer fence", async () => {
    api.agents.connection(sessionId, true);
    await vi.waitFor(() => expect(journal.follows).toBe(1));
    journal.say(journal.write(sdk("ours")));
    await vi.waitFor(async () => expect(await storedSeqs()).toEqual([1]));
    const taken = { holder: "another api", fence: 99n, heartbeatAt: new Date() };
    await api.database.db.recorderLease.update({ where: { placeId }, data: taken });
    const heard: number[] = [];
    const off = api.agents.onEvent("chat.entry", (_, entry) => heard.push(entry.seq));
    journal.say(journal.write(sdk("not ours")));
    await vi.waitFor(() => expect(heard).toEqual([2]));
    // Its transaction sees the fence; a second look proves that nothing came later either.
    await api.database.db.$queryRaw`select 1`;
    expect(await storedSeqs()).toEqual([1]);
    off();
  });
});

describe("a title", () => {
  it("is the prompt's first line, cut at a word", () => {
    expect(titleOf("  Fix   it \n now")).toBe("Fix it");
    expect(titleOf("a".repeat(100))).toHaveLength(61);
    expect(titleOf(`${"word ".repeat(30)}end`)).toMatch(/^(word ?)+…$/);
    expect(titleOf("")).toBe("");
  });

  it("is what was attached, where nothing was said", () => {
    const of = (...paths: string[]) => placeholderOf(paths.map((path) => ({ path })));
    expect(of("docs/plan.md")).toBe("plan.md");
    expect(of("uploads/20261126-204012-1-image.png")).toBe("Picture");
    expect(of("uploads/20261126-204012-plot.png", "b.png", "c.png")).toBe("plot.png and 2 more");
    expect(of()).toBe("");
  });
});
