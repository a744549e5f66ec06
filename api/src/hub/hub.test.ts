import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import type { User } from "@remote-claude/prisma";
import { AppError } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  auditOf,
  buildSession,
  connectSocket,
  gate,
  publicUrl,
  signedInClient,
  startApi,
  type TestApi,
  type TestSocket,
} from "../testing/index.ts";

let api: TestApi;
let owner: User;
let cookie: string;
let sessionId: string;
const open: TestSocket[] = [];

beforeAll(async () => {
  api = await startApi();
  api.agents.answer("terminal.input", () => ({}));
  api.agents.answer("file.list", () => ({ entries: [], truncated: false }));
});
afterAll(() => api.stop());

beforeEach(async () => {
  ({ user: owner, cookie } = await signedInClient(api));
  ({ id: sessionId } = await buildSession(api, { owner, state: "running" }));
  api.agents.commands.length = 0;
});
afterEach(() => {
  api.agents.reset();
  for (const { socket } of open.splice(0)) socket.disconnect();
});

async function connect(headers: Record<string, string> = { cookie }, auth: Record<string, unknown> = {}) {
  const socket = await connectSocket(api, headers, auth);
  open.push(socket);
  return socket;
}

async function connectMember(role: "editor" | "viewer") {
  const member = await signedInClient(api);
  await api.database.db.sessionMember.create({ data: { sessionId, userId: member.user.id, role } });
  return { ...member, socket: await connect({ cookie: member.cookie }) };
}

const commandsOf = (type: string) => api.agents.commands.filter((command) => command.type === type);
const input = (sequence: number, terminalId = owner.id) => ({
  terminalId,
  writer: owner.id,
  sequence,
  data: "x",
});

describe("a connection", () => {
  it("is refused to another site's page that lends the cookie and sends something else than a token", async () => {
    for (const token of [null, 1, {}, []]) {
      const attempt = connect({ cookie, origin: "http://evil.test" }, { token });
      await expect(attempt, String(token)).rejects.toThrow("forbidden");
    }
    await connect({ cookie, origin: publicUrl });
  });

  it("is refused in words to who has too many, by person and by address", async () => {
    const small = await startApi({
      env: { MAX_CONNECTIONS_PER_USER: "2", MAX_CONNECTIONS_PER_ADDRESS: "3" },
    });
    try {
      const [one, other] = [(await signedInClient(small)).cookie, (await signedInClient(small)).cookie];
      const from = async (address: string, sentCookie: string) => {
        const socket = await connectSocket(small, { cookie: sentCookie, "x-forwarded-for": address });
        open.push(socket);
        return socket;
      };
      const first = await from("192.0.2.1", one);
      await from("192.0.2.2", one);
      await expect(from("192.0.2.3", one)).rejects.toMatchObject({
        message: "quota_exceeded",
        data: { message: "You have 2 pages open. Close some of them." },
      });
      first.socket.disconnect();
      await vi.waitFor(() => from("192.0.2.2", one));
      await from("192.0.2.2", other);
      await expect(from("192.0.2.2", other)).rejects.toThrow("quota_exceeded");
      await from("192.0.2.4", other);
    } finally {
      await small.stop();
    }
  });

  it("ends within a moment when its person is disabled, its sign-in has run out, or its token has", async () => {
    const { client, signInId, user } = await signedInClient(api);
    const { secret, token } = (await client.post("/api/tokens", { name: "cli" })).body;
    const byToken = await connect({}, { token: secret });
    await api.database.db.token.update({ where: { id: token.id }, data: { expiresAt: new Date(0) } });
    await vi.waitFor(() => expect(byToken.socket.connected).toBe(false), { timeout: 5000 });
    expect(byToken.of("session.connection-closing")).toEqual([{ reason: "sign-in-again" }]);

    const again = await signedInClient(api, { user });
    const [first, second, bystander] = [
      await connect({ cookie: again.cookie }),
      await connect({ cookie: (await signedInClient(api, { user })).cookie }),
      await connect(),
    ];
    await api.database.db.signIn.update({
      where: { id: again.signInId },
      data: { expiresAt: new Date(0) },
    });
    await vi.waitFor(() => expect(first.socket.connected).toBe(false), { timeout: 5000 });
    expect(second.socket.connected).toBe(true);
    await api.database.db.user.update({ where: { id: user.id }, data: { status: "disabled" } });
    await vi.waitFor(() => expect(second.socket.connected).toBe(false), { timeout: 5000 });
    expect(second.of("session.connection-closing")).toEqual([{ reason: "sign-in-again" }]);
    expect(bystander.socket.connected).toBe(true);
    expect(signInId).not.toBe(again.signInId);
  });

  it("that does not read is closed, and the others are not", async () => {
    const [slow, quick] = [await connect(), await connect()];
    for (const { send } of [slow, quick]) {
      expect(await send("session.watch", sessionId)).toMatchObject({ ok: true });
      expect(await send("file.list", sessionId, { path: "" })).toMatchObject({ ok: true });
    }
    const client = slow.socket.id;
    const transport = slow.socket.io.engine.transport as unknown as { ws: { _socket: Duplex } };
    transport.ws._socket.pause();
    const path = "p".repeat(4000);
    const changes = Array.from({ length: 1000 }, () => ({ path, type: "changed" as const }));
    await vi.waitFor(
      async () => {
        api.agents.emit("file.changed", sessionId, { overflow: false, changes });
        await quick.send("session.watch", sessionId);
        expect(api.agents.gone).toContainEqual({ sessionId, client });
      },
      { timeout: 20_000, interval: 20 },
    );
    transport.ws._socket.resume();
    await vi.waitFor(() => expect(slow.socket.connected).toBe(false));
    expect(await quick.send("session.watch", sessionId)).toMatchObject({ ok: true });
  });

  it("tells the agents it has spoken to when it ends, and only those", async () => {
    const { id: other } = await buildSession(api, { owner, state: "running" });
    const { socket, send } = await connect();
    await send("file.list", sessionId, { path: "" });
    await send("session.watch", other);
    const client = socket.id;
    socket.disconnect();
    await vi.waitFor(() => expect(api.agents.gone).toContainEqual({ sessionId, client }));
    expect(api.agents.gone.filter((gone) => gone.client === client)).toHaveLength(1);
  });

  it("that ended before its command was checked leaves no reader behind", async () => {
    const { db } = api.database;
    const { id: conversationId } = await db.conversation.create({ data: { sessionId } });
    const { socket, send } = await connect();
    await send("file.list", sessionId, { path: "" });
    const client = socket.id;
    await db.$transaction(async (transaction) => {
      // The check whether the conversation is this session's waits for this lock.
      await transaction.$executeRaw`lock table conversations in access exclusive mode`;
      const given = { conversationId, model: "m", permissionMode: "plan" };
      send("chat.configure", sessionId, given).catch(() => {});
      await vi.waitFor(async () => {
        const [row] = await db.$queryRaw<{ waiting: bigint }[]>`
          select count(*) as waiting from pg_stat_activity
          where wait_event_type = 'Lock' and datname = current_database()`;
        expect(Number(row?.waiting)).toBeGreaterThan(0);
      });
      socket.disconnect();
      await vi.waitFor(() => expect(api.agents.gone).toContainEqual({ sessionId, client }));
    });
    await vi.waitFor(async () => expect(await auditOf(api, sessionId)).toContain("claude.configured"));
    expect(commandsOf("chat.configure")).toEqual([]);
  });
});

describe("a command", () => {
  it("is refused when it is internal, unknown, no text or without a session, and the connection lives", async () => {
    const { send } = await connect();
    const nonsense: unknown[] = [
      "chat.follow",
      "chat.acknowledge",
      "file.open-transfer",
      "workspace.snapshot",
    ];
    nonsense.push(
      "no.such",
      "",
      "toString",
      "__proto__",
      7,
      null,
      {},
      { toString: 1 },
      ["chat.list"],
      "x".repeat(9999),
    );
    for (const type of nonsense) {
      expect(await send(type, sessionId, { cursors: {} }), JSON.stringify(type)).toMatchObject({
        ok: false,
        error: { code: "bad_request" },
      });
    }
    for (const session of [null, "", "not-an-id", 7, { toString: 1 }]) {
      expect(await send("chat.list", session)).toMatchObject({ ok: false, error: { code: "bad_request" } });
    }
    expect(await send("chat.list", sessionId)).toMatchObject({ ok: true });
    expect(api.agents.commands).toEqual([]);
  });

  it("is refused with wrong types, before it reaches the agent", async () => {
    const { send } = await connect();
    const wrong: [string, unknown][] = [
      ["terminal.input", { ...input(1), sequence: "1" }],
      ["terminal.create", { cols: 1e9, rows: 24 }],
      ["file.list", { path: "../.." }],
      ["file.list", { path: "/etc" }],
      ["file.list", { path: "a\0b" }],
      ["file.list", null],
      ["file.list", "text"],
      ["file.list", []],
      ["chat.send", { conversationId: "x", messageId: randomUUID(), text: "hi" }],
      ["chat.subscribe", { conversationId: randomUUID(), after: -1 }],
    ];
    for (const [type, payload] of wrong) {
      const answer = await send(type, sessionId, payload);
      expect(answer, `${type} ${JSON.stringify(payload)}`).toMatchObject({
        ok: false,
        error: { code: "bad_request" },
      });
    }
    expect(api.agents.commands).toEqual([]);
  });

  it("to somebody else's session finds none, and a viewer may look but not act", async () => {
    const stranger = await connect({ cookie: (await signedInClient(api)).cookie });
    const { socket: viewer } = await connectMember("viewer");
    const conversationId = randomUUID();
    const acts: [string, unknown][] = [
      ["terminal.input", input(1)],
      ["chat.create", { conversationId }],
      ["chat.answer", { conversationId, requestId: randomUUID(), decision: "allow" }],
      ["workspace.execute", { command: "id" }],
      ["file.delete", { path: "a" }],
    ];
    for (const [type, payload] of acts) {
      expect(await viewer.send(type, sessionId, payload)).toMatchObject({ error: { code: "forbidden" } });
      expect(await stranger.send(type, sessionId, payload)).toMatchObject({ error: { code: "not_found" } });
    }
    expect(await stranger.send("file.list", sessionId, { path: "" })).toMatchObject({
      error: { code: "not_found" },
    });
    expect(await stranger.send("session.watch", randomUUID())).toMatchObject({
      error: { code: "not_found" },
    });
    expect(await viewer.send("file.list", sessionId, { path: "" })).toMatchObject({ ok: true });
    expect(api.agents.commands.map(({ type }) => type)).toEqual(["file.list"]);
    expect(await auditOf(api, sessionId)).toEqual([]);
  });

  it("is refused beyond 256 under way, and the connection goes on", async () => {
    const { socket, send } = await connect();
    const hold = gate();
    api.agents.gate = hold.closed;
    const answers = Array.from({ length: 300 }, () => send("file.list", sessionId, { path: "" }));
    const refused = await Promise.race(answers.slice(256));
    expect(refused).toMatchObject({ ok: false, error: { code: "rate_limited" } });
    hold.open();
    const codes = (await Promise.all(answers)).map(({ error }) => error?.code ?? "ok");
    expect(codes.filter((code) => code === "ok")).toHaveLength(256);
    expect(codes.filter((code) => code === "rate_limited")).toHaveLength(44);
    expect(socket.connected).toBe(true);
    expect(await send("file.list", sessionId, { path: "" })).toMatchObject({ ok: true });
  });

  it("reaches the agent after those that were sent before it, whatever each waits for", async () => {
    const { send } = await connect();
    const { db } = api.database;
    const { id: conversationId } = await db.conversation.create({ data: { sessionId } });
    for (const type of ["chat.send", "chat.interrupt", "chat.configure"] as const)
      api.agents.answer(type, (() => ({ seq: 1 })) as never);
    const sent: string[] = [];
    const answers = Array.from({ length: 60 }, (_, index) => {
      const messageId = randomUUID();
      const kinds: [string, unknown][] = [
        ["chat.configure", { conversationId, model: `m${index}` }],
        ["chat.send", { conversationId, messageId, text: "hi" }],
        ["chat.interrupt", { conversationId }],
      ];
      const [type, payload] = kinds[index % 3] ?? [];
      sent.push(`${type}`);
      return send(type, sessionId, payload);
    });
    expect((await Promise.all(answers)).every(({ ok }) => ok)).toBe(true);
    expect(api.agents.commands.map(({ type }) => type)).toEqual(sent);
    const models = commandsOf("chat.configure").map(({ payload }) => (payload as { model: string }).model);
    expect(models).toEqual(Array.from({ length: 20 }, (_, index) => `m${index * 3}`));
  });

  it("is recorded once when it is a prompt that is sent again, unless it was refused before", async () => {
    const { id: conversationId } = await api.database.db.conversation.create({ data: { sessionId } });
    const { send } = await connect();
    const payload = { conversationId, messageId: randomUUID(), text: "hi" };
    api.agents.answer("chat.send", () => {
      throw new AppError("unavailable", "not now");
    });
    expect((await send("chat.send", sessionId, payload)).ok).toBe(false);
    api.agents.answer("chat.send", () => ({ seq: 1 }));
    // Of the last one not everything can be kept as it is.
    for (const text of ["hi", "hi", "other", "a\0b \ud800"]) {
      expect((await send("chat.send", sessionId, { ...payload, text })).ok).toBe(true);
    }
    const rows = await api.database.db.auditLog.findMany({ where: { sessionId }, orderBy: { id: "asc" } });
    expect(rows.map(({ result, details }) => [result, (details as { text: string }).text])).toEqual([
      ["success", "hi"],
      ["refused", "hi"],
      ["success", "hi"],
      ["success", "other"],
      ["success", "a\ufffdb \ufffd"],
    ]);
  });

  it("is recorded once when it is a prompt that two connections send in the same moment", async () => {
    const { id: conversationId } = await api.database.db.conversation.create({ data: { sessionId } });
    api.agents.answer("chat.send", () => ({ seq: 1 }));
    const connections = await Promise.all(Array.from({ length: 4 }, () => connect()));
    for (let round = 0; round < 5; round += 1) {
      const payload = { conversationId, messageId: randomUUID(), text: "hi" };
      const answers = connections.map(({ send }) => send("chat.send", sessionId, payload));
      for (const { ok } of await Promise.all(answers)) expect(ok).toBe(true);
    }
    expect(await auditOf(api, sessionId)).toEqual(Array.from({ length: 5 }, () => "claude.prompted"));
  });

  it("does not wait for the database while what it may do was asked for within a second", async () => {
    const { send } = await connect();
    expect((await send("terminal.input", sessionId, input(1))).ok).toBe(true);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 700 });
    const lock = gate();
    try {
      const locked = gate();
      const holding = api.database.db.$transaction(
        async (transaction) => {
          await transaction.$executeRaw`lock table sessions in access exclusive mode`;
          locked.open();
          await lock.closed;
        },
        { timeout: 20_000 },
      );
      await locked.closed;
      expect((await send("terminal.input", sessionId, input(2))).ok).toBe(true);
      // Asked anew by then, and older than a second only if that answer is not there.
      lock.open();
      await holding;
      await api.database.db.session.update({ where: { id: sessionId }, data: { deletedAt: new Date() } });
      vi.setSystemTime(Date.now() + 1100);
      expect(await send("terminal.input", sessionId, input(3))).toMatchObject({
        error: { code: "not_found" },
      });
    } finally {
      lock.open();
      vi.useRealTimers();
    }
  });

  it("leaves an audit row with who, from where and what, before it is done", async () => {
    const { client } = await signedInClient(api, { user: owner });
    const { secret, token } = (await client.post("/api/tokens", { name: "cli" })).body;
    const { send } = await connect({ "x-forwarded-for": "192.0.2.7" }, { token: secret });
    api.agents.answer("file.move", () => ({}));
    const hold = gate();
    api.agents.gate = hold.closed;
    const answer = send("file.move", sessionId, { from: "a", to: "b", overwrite: true });
    await vi.waitFor(() => expect(commandsOf("file.move")).toHaveLength(1));
    const rows = await api.database.db.auditLog.findMany({ where: { sessionId } });
    expect(rows).toMatchObject([
      {
        action: "file.moved",
        actorKind: "token",
        userId: owner.id,
        tokenId: token.id,
        address: "192.0.2.7",
        details: { from: "a", to: "b" },
      },
    ]);
    hold.open();
    expect(await answer).toMatchObject({ ok: true });
    expect(commandsOf("file.move")[0]?.options?.actor).toEqual({ id: owner.id, name: owner.name });
  });
});
