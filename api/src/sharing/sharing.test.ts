import { newId, type User } from "@remote-claude/prisma";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type ApiClient,
  auditOf,
  buildSession,
  buildUser,
  connectSocket,
  signedInClient,
  startApi,
  type TestApi,
  type TestSocket,
} from "../testing/index.ts";

let api: TestApi;
let owner: { client: ApiClient; user: User; cookie: string };
let guest: { client: ApiClient; user: User; cookie: string };
let sessionId: string;
let path: string;
const open: TestSocket[] = [];

beforeAll(async () => {
  api = await startApi();
  api.agents.answer("terminal.attach", () => ({}) as never);
});
afterAll(() => api.stop());
beforeEach(async () => {
  [owner, guest] = [await signedInClient(api), await signedInClient(api)];
  ({ id: sessionId } = await buildSession(api, { owner: owner.user, state: "running" }));
  path = `/api/sessions/${sessionId}`;
});
afterEach(() => {
  for (const { socket } of open.splice(0)) socket.disconnect();
});

async function watch(cookie: string): Promise<TestSocket> {
  const socket = await connectSocket(api, { cookie });
  open.push(socket);
  expect(await socket.send("session.watch", sessionId)).toMatchObject({ ok: true });
  return socket;
}

const share = (role: string, more: object = {}) =>
  owner.client.post(`${path}/members`, { email: guest.user.email, role, ...more });
const sessionOf = async (client: ApiClient) => (await client.get(path)).body?.session;
const makeLink = async (body: object = { role: "viewer" }) => {
  const { body: made } = await owner.client.post(`${path}/share-links`, body);
  return { link: made.link, secret: new URL(made.url).hash.slice(1), url: made.url as string };
};
const accept = (client: ApiClient, secret: string) => client.post("/api/share-links/accept", { secret });

describe("who may share", () => {
  it("nobody without signing in, and nobody somebody else's session", async () => {
    const body = { email: guest.user.email, role: "viewer" };
    for (const [client, code] of [
      [api.client, "unauthenticated"],
      [guest.client, "not_found"],
    ] as const) {
      expect((await client.post(`${path}/members`, body)).code).toBe(code);
      expect((await client.get(`${path}/members`)).code).toBe(code);
      expect((await client.post(`${path}/share-links`, { role: "viewer" })).code).toBe(code);
      expect((await client.get(`${path}/share-links`)).code).toBe(code);
    }
  });

  it("the owner alone: an editor sees who is in it, and no more", async () => {
    await share("editor");
    expect((await guest.client.get(`${path}/members`)).body.members).toHaveLength(2);
    const third = await buildUser(api);
    expect((await guest.client.post(`${path}/members`, { email: third.email, role: "viewer" })).code).toBe(
      "forbidden",
    );
    expect((await guest.client.get(`${path}/share-links`)).code).toBe("forbidden");
    expect((await guest.client.delete(`${path}/members/${guest.user.id}`)).code).toBe("forbidden");
  });
});

describe("sharing with a person", () => {
  it("puts it into their list with the owner's name, live, and on record", async () => {
    const socket = await connectSocket(api, { cookie: guest.cookie });
    open.push(socket);
    const { status, body } = await share("viewer");
    expect(status).toBe(201);
    expect(body.member).toMatchObject({ role: "viewer", mayAnswer: false, by: "owner", expiresAt: null });
    const [listed] = (await guest.client.get("/api/sessions")).body.sessions;
    expect(listed).toMatchObject({ id: sessionId, role: "viewer", owner: { name: owner.user.name } });
    await vi.waitFor(() =>
      expect(socket.of("session.changed")).toMatchObject([{ session: { role: "viewer" } }]),
    );
    expect(await auditOf(api, sessionId)).toEqual(["session.shared"]);
  });

  it("refuses an address that nobody has, a disabled person, the owner and somebody twice", async () => {
    const disabled = await buildUser(api);
    await api.database.db.user.update({ where: { id: disabled.id }, data: { status: "disabled" } });
    const add = (email: string) => owner.client.post(`${path}/members`, { email, role: "viewer" });
    expect((await add("nobody@example.org")).text).toEqual(
      expect.stringContaining("Nobody with this address"),
    );
    expect((await add(disabled.email)).code).toBe("not_found");
    expect((await add(owner.user.email)).code).toBe("conflict");
    expect((await share("viewer")).status).toBe(201);
    expect((await share("editor")).code).toBe("conflict");
    expect((await add("not an address")).code).toBe("bad_request");
    expect((await owner.client.post(`${path}/members`, { email: "a@b.cd", role: "owner" })).code).toBe(
      "bad_request",
    );
  });

  it("says to who adds somebody twice at once that they are in already", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => share("viewer")));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
  });

  it("counts at once when the role changes, and the browser hears what it may do now", async () => {
    await share("editor");
    const socket = await watch(guest.cookie);
    const input = { terminalId: sessionId, writer: sessionId, sequence: 1, data: "x" };
    expect(await socket.send("terminal.input", sessionId, input)).toMatchObject({ ok: true });
    await owner.client.patch(`${path}/members/${guest.user.id}`, { role: "viewer" });
    expect(await socket.send("terminal.input", sessionId, { ...input, sequence: 2 })).toMatchObject({
      error: { code: "forbidden" },
    });
    await vi.waitFor(() =>
      expect(socket.of("session.changed").at(-1)?.session.abilities).toEqual(["session.view"]),
    );
    expect(socket.socket.connected).toBe(true);
  });

  it("lets the owner decide who answers Claude's questions", async () => {
    api.agents.answer("chat.answer", () => ({}));
    await share("editor", { mayAnswer: false });
    const socket = await watch(guest.cookie);
    const { id: conversationId } = await api.database.db.conversation.create({
      data: { id: newId(), sessionId },
    });
    const answer = { conversationId, requestId: sessionId, decision: "allow" };
    const refused = { error: { code: "forbidden" } };
    expect((await sessionOf(guest.client)).abilities).not.toContain("session.answer");
    expect(await socket.send("chat.answer", sessionId, answer)).toMatchObject(refused);
    await owner.client.patch(`${path}/members/${guest.user.id}`, { role: "viewer", mayAnswer: true });
    expect((await sessionOf(guest.client)).abilities).toEqual(["session.view", "session.answer"]);
    expect((await guest.client.get("/api/sessions")).body.sessions[0].abilities).toEqual([
      "session.view",
      "session.answer",
    ]);
    expect(await socket.send("chat.answer", sessionId, answer)).toMatchObject({ ok: true });
    const { options } = api.agents.commands.filter(({ type }) => type === "chat.answer").at(-1) ?? {};
    expect(options?.actor).toEqual({ id: guest.user.id, name: guest.user.name });
    await owner.client.patch(`${path}/members/${guest.user.id}`, { role: "editor" });
    expect((await sessionOf(guest.client)).abilities).toContain("session.answer");
  });
});

describe("the end of somebody's part", () => {
  it("by the owner closes what they are hearing, at once, and leaves the others alone", async () => {
    await share("viewer");
    const [theirs, own] = [await watch(guest.cookie), await watch(owner.cookie)];
    expect((await owner.client.delete(`${path}/members/${guest.user.id}`)).status).toBe(204);
    await vi.waitFor(() => expect(theirs.socket.connected).toBe(false));
    expect(theirs.of("session.access-ended")).toEqual([{ sessionId }]);
    expect(theirs.of("session.connection-closing")).toEqual([{ reason: "access-changed" }]);
    expect(own.socket.connected).toBe(true);
    expect((await guest.client.get(path)).code).toBe("not_found");
    expect((await guest.client.get("/api/sessions")).body.sessions).toEqual([]);
    expect((await owner.client.delete(`${path}/members/${guest.user.id}`)).code).toBe("not_found");
    expect((await owner.client.delete(`${path}/members/${owner.user.id}`)).code).toBe("conflict");
    expect(await auditOf(api, sessionId)).toEqual(["session.shared", "session.member-removed"]);
  });

  it("by running out does too, and sharing again begins anew", async () => {
    await share("viewer", { expiresInHours: 1 });
    const theirs = await watch(guest.cookie);
    const expiresAt = new Date(api.clock.now().getTime() - 1);
    await api.database.db.sessionMember.updateMany({ where: { sessionId }, data: { expiresAt } });
    await vi.waitFor(() => expect(theirs.socket.connected).toBe(false), { timeout: 5000 });
    expect((await guest.client.get(path)).code).toBe("not_found");
    expect((await owner.client.get(`${path}/members`)).body.members).toHaveLength(1);
    expect((await share("editor")).status).toBe(201);
    expect((await sessionOf(guest.client)).role).toBe("editor");
  });

  it("by leaving; the owner cannot", async () => {
    await share("viewer");
    expect((await guest.client.post(`${path}/leave`)).status).toBe(204);
    expect((await guest.client.get(path)).code).toBe("not_found");
    expect((await owner.client.post(`${path}/leave`)).code).toBe("conflict");
    expect(await auditOf(api, sessionId)).toEqual(["session.shared", "session.left"]);
  });
});

describe("a link", () => {
  it("lets whoever has it in as it says, after showing where it leads", async () => {
    const { link, secret, url } = await makeLink({ role: "editor", expiresInHours: 2 });
    expect(url).toMatch(/^http:\/\/claude\.test\/join#[A-Za-z0-9_-]{43}$/);
    const look = await guest.client.post("/api/share-links/look", { secret });
    expect(look.body).toMatchObject({ role: "editor", session: { owner: { name: owner.user.name } } });
    expect((await guest.client.get(path)).code).toBe("not_found");
    expect((await accept(guest.client, secret)).body.session).toMatchObject({
      id: sessionId,
      role: "editor",
    });
    const [, member] = (await owner.client.get(`${path}/members`)).body.members;
    expect(member).toMatchObject({ by: "link", expiresAt: link.expiresAt });
    expect((await owner.client.get(`${path}/share-links`)).body.links).toMatchObject([{ uses: 1 }]);
    expect(await auditOf(api, sessionId)).toEqual(["session.link-made", "session.joined"]);
  });

  it("is nothing to who has not signed in, and keeps no secret in the database", async () => {
    const { secret } = await makeLink();
    expect((await accept(api.client, secret)).code).toBe("unauthenticated");
    expect((await api.client.post("/api/share-links/look", { secret })).code).toBe("unauthenticated");
    const rows = await api.database.db.shareLink.findMany({ where: { sessionId } });
    expect(JSON.stringify(rows)).not.toContain(secret);
    const audit = await api.database.db.auditLog.findMany({ where: { sessionId } });
    expect(JSON.stringify(audit, (_, value) => (typeof value === "bigint" ? 0 : value))).not.toContain(
      secret,
    );
  });

  it("for one lets one in, of two who come at once", async () => {
    const { secret } = await makeLink({ role: "viewer", once: true });
    const other = await signedInClient(api);
    const answers = await Promise.all([accept(guest.client, secret), accept(other.client, secret)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
    expect((await owner.client.get(`${path}/members`)).body.members).toHaveLength(2);
  });

  it("changes nothing for who is in the session already, and uses nothing up", async () => {
    await share("viewer");
    const { secret } = await makeLink({ role: "editor", once: true });
    expect((await accept(guest.client, secret)).body.session.role).toBe("viewer");
    expect((await accept(owner.client, secret)).body.session.role).toBe("owner");
    expect((await owner.client.get(`${path}/share-links`)).body.links).toMatchObject([{ uses: 0 }]);
  });

  it("lets the same person in once, who comes twice at once", async () => {
    const { link, secret } = await makeLink({ role: "viewer" });
    const answers = await Promise.all([1, 2, 3].map(() => accept(guest.client, secret)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await api.database.db.shareLink.findUniqueOrThrow({ where: { id: link.id } })).uses).toBe(1);
  });

  it("that is revoked lets nobody in and puts out who came by it, at once, unless the owner kept them", async () => {
    const { link, secret } = await makeLink();
    const kept = await signedInClient(api);
    await accept(guest.client, secret);
    await accept(kept.client, secret);
    await owner.client.patch(`${path}/members/${kept.user.id}`, { role: "editor" });
    const theirs = await watch(guest.cookie);
    expect((await owner.client.delete(`${path}/share-links/${link.id}`)).status).toBe(204);
    await vi.waitFor(() => expect(theirs.socket.connected).toBe(false));
    expect((await guest.client.get(path)).code).toBe("not_found");
    expect((await sessionOf(kept.client)).role).toBe("editor");
    expect((await accept(guest.client, secret)).code).toBe("not_found");
    expect((await owner.client.delete(`${path}/share-links/${link.id}`)).code).toBe("not_found");
  });

  it("that has expired lets nobody in, and says no more than one that never was", async () => {
    const { link, secret } = await makeLink();
    const expiresAt = new Date(api.clock.now().getTime() - 1);
    await api.database.db.shareLink.update({ where: { id: link.id }, data: { expiresAt } });
    const [expired, invented] = [
      await accept(guest.client, secret),
      await accept(guest.client, "x".repeat(43)),
    ];
    expect([expired.code, invented.code]).toEqual(["not_found", "not_found"]);
    expect(expired.body.error.message).toBe(invented.body.error.message);
  });

  it("goes with its session", async () => {
    const { secret } = await makeLink();
    await owner.client.delete(path);
    expect((await accept(guest.client, secret)).code).toBe("not_found");
    expect(await api.database.db.shareLink.count({ where: { sessionId } })).toBe(0);
  });
});

describe("presence", () => {
  it("says who has the session open, each once, with their role, to those who have it open", async () => {
    await share("viewer");
    const own = await watch(owner.cookie);
    const people = () =>
      own
        .of("session.presence")
        .at(-1)
        ?.people.map(({ id, role }: { id: string; role: string }) => [id, role])
        .sort();
    const [both, alone] = [
      [
        [guest.user.id, "viewer"],
        [owner.user.id, "owner"],
      ].sort(),
      [[owner.user.id, "owner"]],
    ];
    const tabs = [await watch(guest.cookie), await watch(guest.cookie)];
    await vi.waitFor(() => expect(people()).toEqual(both));
    await vi.waitFor(() => expect(tabs[1]?.of("session.presence").at(-1)?.people).toHaveLength(2));
    await owner.client.patch(`${path}/members/${guest.user.id}`, { role: "editor" });
    await vi.waitFor(() => expect(people()).toContainEqual([guest.user.id, "editor"]));
    for (const { socket } of tabs) socket.disconnect();
    await vi.waitFor(() => expect(people()).toEqual(alone));
  });
});
