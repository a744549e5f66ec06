import { randomUUID } from "node:crypto";
import type { User } from "@remote-claude/prisma";
import type { ChatEvent, ConversationHit, JournalEntry } from "@remote-claude/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type ApiClient,
  auditOf,
  buildSession,
  ended,
  prompted,
  said,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";

let api: TestApi;
let owner: User;
let client: ApiClient;
let sessionId: string;
let conversationId: string;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());
beforeEach(async () => {
  ({ user: owner, client } = await signedInClient(api));
  ({ id: sessionId } = await buildSession(api, { owner }));
  conversationId = await begin("Untitled");
});

async function begin(title: string, data: object = {}): Promise<string> {
  const { id } = await api.database.db.conversation.create({ data: { sessionId, title, ...data } });
  return id;
}

/** Rows as the recorder writes them. */
async function store(events: readonly unknown[], into = conversationId, first = 1): Promise<void> {
  const rows = events.map((event, index) => ({
    ...{ conversationId: into, sessionId, seq: first + index },
    at: new Date(Date.UTC(2026, 0, 1, 0, 0, first + index)),
    kind: (event as ChatEvent).kind,
    event: event as object,
  }));
  await api.database.db.conversationEvent.createMany({ data: rows });
  await api.database.db.conversation.update({
    where: { id: into },
    data: { lastSeq: first + events.length - 1 },
  });
}

const claude = (text: string, id = "msg_1") => ({
  kind: "sdk",
  turnId: null,
  message: { ...said(text), message: { id, content: [{ type: "text", text }] } },
});
const person = (text: string) => prompted({ id: owner.id, name: owner.name }, text);
const find = (q: string, more: Record<string, string> = {}, as = client) =>
  as.get(`/api/conversations/search?${new URLSearchParams({ q, ...more })}`);
const seqs = (answer: { body: { hits: ConversationHit[] } }) => answer.body.hits.map(({ seq }) => seq);
const textOf = (hit: ConversationHit | undefined) => hit?.snippet.map(({ text }) => text).join("");

async function member(data: object): Promise<ApiClient> {
  const { user, client: theirs } = await signedInClient(api);
  await api.database.db.sessionMember.create({
    data: { sessionId, userId: user.id, role: "viewer", ...data },
  });
  return theirs;
}

describe("searching conversations", () => {
  it("is for people who are signed in, and finds nothing in sessions that they have no part in", async () => {
    await store([person("the persimmon is ripe")]);
    expect((await find("persimmon", {}, api.client)).code).toBe("unauthenticated");
    for (const role of ["member", "auditor", "admin"] as const) {
      const stranger = (await signedInClient(api, { role })).client;
      expect((await find("persimmon", {}, stranger)).body).toEqual({ hits: [], titles: [], more: false });
      expect((await find("persimmon", { sessionId }, stranger)).body.hits).toEqual([]);
    }
    expect(seqs(await find("persimmon"))).toEqual([1]);
    expect(seqs(await find("persimmon", {}, await member({})))).toEqual([1]);
    const past = await member({ expiresAt: new Date(0) });
    expect(seqs(await find("persimmon", {}, past))).toEqual([]);
    await api.database.db.session.update({ where: { id: sessionId }, data: { deletedAt: new Date() } });
    expect(seqs(await find("persimmon"))).toEqual([]);
  });

  it("finds what people and Claude said by the beginnings of words, in any order, newest first", async () => {
    const prompt = person("Please look at src/http/router.ts and the Größenänderung in it");
    await store([prompt, claude("The router drops its queue. It's `app.handleRoute()` that forgets.")]);
    expect(seqs(await find("rout"))).toEqual([2, 1]);
    expect(seqs(await find("queue router"))).toEqual([2]);
    expect(seqs(await find("router.ts"))).toEqual([1]);
    expect(seqs(await find("größen"))).toEqual([1]);
    expect(seqs(await find('"queue router"'))).toEqual([]);
    expect(seqs(await find('"its queue"'))).toEqual([2]);
    expect(seqs(await find("router -queue"))).toEqual([1]);
    expect(seqs(await find("HANDLEROUTE"))).toEqual([2]);
    for (const q of ["uter", "-queue", "'", "zq:* & !", "\\", "<->", "((", "\0", "%"]) {
      expect(seqs(await find(q)), q).toEqual([]);
    }
    const [claudes, persons] = (await find("router")).body.hits as ConversationHit[];
    expect(claudes).toMatchObject({ by: "claude", messageId: "msg_1", sessionId, conversationId, seq: 2 });
    expect(persons).toMatchObject({ by: "person", messageId: (prompt as { messageId: string }).messageId });
    expect(persons?.snippet.filter(({ match }) => match)).toEqual([{ text: "router", match: true }]);
    expect(textOf(persons)).toContain("src/http/router.ts and");
  });

  it("shows a piece around the first hit", async () => {
    await store([person(`${"word ".repeat(500)}needle ${"word ".repeat(500)}`)]);
    const [hit] = (await find("needl")).body.hits;
    expect(textOf(hit)?.length).toBeLessThan(300);
    expect(textOf(hit)).toMatch(/^….*needle.*…$/);
  });

  it("keeps to one session, pages by time, and finds titles", async () => {
    await store(Array.from({ length: 5 }, (_, index) => person(`damson ${index}`)));
    await begin("Damson jam", { archivedAt: new Date() });
    const first = await find("damson", { limit: "2" });
    expect([seqs(first), first.body.more]).toEqual([[5, 4], true]);
    expect(first.body.titles).toMatchObject([{ title: "Damson jam", archived: true, sessionId }]);
    const next = await find("damson", { limit: "2", before: first.body.hits.at(-1).at });
    expect([seqs(next), next.body.titles]).toEqual([[3, 2], []]);
    const other = await buildSession(api, { owner });
    expect(seqs(await find("damson", { sessionId: other.id }))).toEqual([]);
    for (const query of [{ q: "" }, { q: "x", limit: "0" }, { q: "x", before: "yesterday" }]) {
      const path = `/api/conversations/search?${new URLSearchParams(query as Record<string, string>)}`;
      expect((await client.get(path)).code).toBe("bad_request");
    }
  });

  it("finds what a fork has copied once, where it was said", async () => {
    await store([person("sloe gin")]);
    const fork = await begin("Fork", { forkedFromId: conversationId, forkedAtSeq: 1 });
    await store([person("sloe gin"), person("more sloe gin")], fork);
    const hits = (await find("sloe")).body.hits as ConversationHit[];
    expect(hits.map((hit) => [hit.conversationId, hit.seq])).toEqual([
      [fork, 2],
      [conversationId, 1],
    ]);
  });

  it("stores whatever a session writes into a message, and looks only at what is said", async () => {
    const messages = [
      ...[
        null,
        7,
        "medlar",
        [],
        ["medlar"],
        { content: null },
        { content: "medlar" },
        { content: [null, 1] },
      ],
      { content: [{ type: "text", text: { medlar: "medlar" } }] },
      { content: [{ type: "tool_use", name: "Bash", input: { command: "medlar" } }] },
      { content: [{ type: "text", text: "x".repeat(400_000) }] },
      { content: [{ type: "text", text: Array.from({ length: 90_000 }, (_, n) => `ü${n}`).join(" ") }] },
    ];
    await store(
      messages.map((message) => ({ kind: "sdk", turnId: null, message: { type: "assistant", message } })),
    );
    const inside = {
      type: "assistant",
      parent_tool_use_id: "t",
      message: { content: [{ type: "text", text: "medlar" }] },
    };
    await store([{ kind: "sdk", turnId: null, message: inside }], conversationId, 20);
    expect(seqs(await find("medlar"))).toEqual([9]);
  });
});

describe("the export of a conversation", () => {
  const path = (format: string, id = conversationId) =>
    `/api/sessions/${sessionId}/claude/conversations/${id}/export?format=${format}`;

  it("is for those who may read it", async () => {
    expect((await api.client.get(path("json"))).code).toBe("unauthenticated");
    expect((await (await signedInClient(api)).client.get(path("json"))).code).toBe("not_found");
    expect((await client.get(path("json", randomUUID()))).code).toBe("not_found");
    expect((await client.get(path("pdf"))).code).toBe("bad_request");
    expect((await (await member({})).get(path("json"))).status).toBe(200);
  });

  it("holds every entry, and is on record", async () => {
    await api.database.db.conversation.update({
      where: { id: conversationId },
      data: { title: 'Größe: "../x"' },
    });
    await store(Array.from({ length: 1203 }, (_, index) => person(`number ${index}`)));
    const { headers, text } = await client.get(path("json"));
    expect(headers["content-disposition"]).toBe("attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe-x.json");
    const { conversation, entries } = JSON.parse(text) as {
      conversation: object;
      entries: JournalEntry[];
    };
    expect(conversation).toMatchObject({ conversationId, lastSeq: 1203 });
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 1203 }, (_, index) => index + 1));
    expect(await auditOf(api, sessionId)).toContain("claude.exported");
  });

  it("reads as a document", async () => {
    const prompt = person("Fix it\n\n```js\nx\n```") as Extract<ChatEvent, { kind: "user-message" }>;
    const turnId = randomUUID();
    const content = [
      { type: "text", text: "I will look." },
      { type: "tool_use", id: "t", name: "Bash", input: { command: "echo '```'" } },
    ];
    const result = [{ type: "tool_result", tool_use_id: "t", content: `${"y".repeat(5000)}` }];
    await store([
      prompt,
      { kind: "turn-started", turnId, messageId: prompt.messageId },
      { kind: "sdk", turnId, message: { type: "assistant", message: { content } } },
      {
        ...{ kind: "permission-answered", requestId: randomUUID(), decision: "allow-for-session" },
        ...{ message: null, by: prompt.by },
      },
      { kind: "sdk", turnId, message: { type: "user", message: { content: result } } },
      ended(turnId),
      {
        ...{ kind: "rewound", messageId: prompt.messageId, what: "both" },
        ...{ files: ["a.txt"], fileCount: 1, by: prompt.by },
      },
    ]);
    const { text } = await client.get(path("markdown"));
    expect(text).toMatch(/^# Untitled\n/);
    expect(text).toContain(`## ${owner.name}, 2026-01-01T00:00:02.000Z\n\nFix it`);
    expect(text).toContain("### Claude\n\nI will look.");
    expect(text).toContain("````json\n");
    expect(text).toContain(`*${owner.name} allowed it for the session*`);
    expect(text).toContain("went back to before “Fix it");
    expect(text.length).toBeLessThan(4000);
  });
});
