import { randomUUID } from "node:crypto";
import type { User } from "@remote-claude/prisma";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  buildSession,
  connectSocket,
  Journal,
  said,
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
  api.agents.answer("file.list", () => ({ entries: [], truncated: false }));
});
afterAll(() => api.stop());

beforeEach(async () => {
  ({ user: owner, cookie } = await signedInClient(api));
  ({ id: sessionId } = await buildSession(api, { owner, state: "running" }));
});
afterEach(() => {
  api.agents.reset();
  for (const { socket } of open.splice(0)) socket.disconnect();
});

async function connect(headers: Record<string, string> = { cookie }) {
  const socket = await connectSocket(api, headers);
  open.push(socket);
  return socket;
}

async function connectMember(role: "editor" | "viewer") {
  const member = await signedInClient(api);
  await api.database.db.sessionMember.create({ data: { sessionId, userId: member.user.id, role } });
  return { ...member, socket: await connect({ cookie: member.cookie }) };
}

describe("events of agents", () => {
  const terminalId = "0190a0a0-0000-7000-8000-000000000001";

  it("for one client reach it only if it has spoken to that session", async () => {
    const [speaker, silent] = [await connect(), await connect()];
    const { id: other } = await buildSession(api, { owner, state: "running" });
    await speaker.send("file.list", sessionId, { path: "" });
    await silent.send("session.watch", sessionId);
    await silent.send("file.list", other, { path: "" });
    for (const { socket } of [speaker, silent]) {
      api.agents.emit("terminal.overrun", sessionId, { terminalId }, socket.id);
    }
    api.agents.emit("terminal.overrun", sessionId, { terminalId }, undefined);
    await vi.waitFor(() => expect(speaker.of("terminal.overrun")).toEqual([{ terminalId }]));
    // What follows on the same connection has arrived: nothing was on its way.
    await silent.send("session.watch", sessionId);
    expect(silent.of("terminal.overrun")).toEqual([]);
  });

  it("reach those who watch the session, until they no longer do", async () => {
    const [watching, not] = [await connect(), await connect()];
    await watching.send("session.watch", sessionId);
    api.agents.emit("terminal.closed", sessionId, { terminalId });
    await vi.waitFor(() => expect(watching.of("terminal.closed")).toHaveLength(1));
    await watching.send("session.unwatch", sessionId);
    api.agents.emit("terminal.closed", sessionId, { terminalId });
    for (const { send } of [watching, not]) await send("file.list", sessionId, { path: "" });
    expect([watching, not].map((socket) => socket.of("terminal.closed").length)).toEqual([1, 0]);
  });

  it("that speak of another session's conversation reach nobody there", async () => {
    const { db } = api.database;
    const { id: conversationId } = await db.conversation.create({ data: { sessionId } });
    const evil = await buildSession(api, { owner: (await signedInClient(api)).user, state: "running" });
    const listener = await connect();
    const subscribed = await listener.send("chat.subscribe", sessionId, { conversationId, after: null });
    expect(subscribed).toMatchObject({ ok: true });
    const turnId = randomUUID();
    const journal = new Journal(api, sessionId, conversationId);
    api.agents.connection(sessionId, true);
    api.agents.connection(evil.id, true);
    await vi.waitFor(() => expect(journal.follows).toBeGreaterThan(1));
    const delta = (text: string) => ({
      conversationId,
      turnId,
      messageId: "m",
      parentToolUseId: null,
      block: 0,
      blockType: "text" as const,
      toolName: null,
      offset: 0,
      text,
    });
    const at = new Date().toISOString();
    const event = { kind: "sdk" as const, turnId, message: said("forged") };
    api.agents.emit("chat.delta", evil.id, delta("forged"));
    api.agents.emit("chat.entry", evil.id, { conversationId, seq: 1, at, event });
    api.agents.emit("chat.delta", sessionId, delta("own"));
    journal.tell({ kind: "sdk", turnId, message: said("own") });
    await vi.waitFor(() => expect(listener.of("chat.entry")).toHaveLength(1));
    expect(listener.of("chat.delta").map(({ text }) => text)).toEqual(["own"]);
    expect(JSON.stringify(listener.heard)).not.toContain("forged");
    for (const id of [sessionId, evil.id]) api.agents.connection(id, false);
  });

  it("are no longer heard within a moment by somebody who was a member", async () => {
    const { db } = api.database;
    for (const change of ["removed", "expired", "made a viewer"] as const) {
      const { user, socket } = await connectMember("editor");
      await socket.send("session.watch", sessionId);
      api.agents.emit("terminal.closed", sessionId, { terminalId });
      await vi.waitFor(() => expect(socket.of("terminal.closed")).toHaveLength(1));
      const where = { sessionId_userId: { sessionId, userId: user.id } };
      if (change === "removed") await db.sessionMember.delete({ where });
      if (change === "expired") await db.sessionMember.update({ where, data: { expiresAt: new Date(0) } });
      if (change === "made a viewer") await db.sessionMember.update({ where, data: { role: "viewer" } });
      await vi.waitFor(() => expect(socket.socket.connected, change).toBe(false), { timeout: 5000 });
      expect(socket.of("session.connection-closing")).toEqual([{ reason: "access-changed" }]);
    }
  });

  it("end quietly for members when the session is deleted", async () => {
    const { socket } = await connectMember("viewer");
    await socket.send("session.watch", sessionId);
    const { client } = await signedInClient(api, { user: owner });
    expect((await client.delete(`/api/sessions/${sessionId}`)).status).toBe(204);
    await vi.waitFor(() => expect(socket.of("session.deleted")).toEqual([{ sessionId }]));
    expect(await socket.send("session.watch", sessionId)).toMatchObject({ ok: false });
    expect(socket.of("session.connection-closing")).toEqual([]);
  });
});

describe("session.watch", () => {
  it("answers with the session as it is, not as it was when access was last looked up", async () => {
    const { send } = await connect();
    await send("session.watch", sessionId);
    await api.database.db.session.update({ where: { id: sessionId }, data: { state: "stopping" } });
    expect((await send("session.watch", sessionId)).payload.session.state).toBe("stopping");
  });
});
