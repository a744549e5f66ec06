import { newId } from "@remote-claude/prisma";
import { AppError, type Session } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  auditOf,
  buildSession,
  buildUser,
  gate,
  rowOf,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterEach(() => {
  api.manager.reset();
  api.agents.reset();
});
afterAll(() => api.stop());

describe("whose session it is", () => {
  const acts: [string, (id: string) => [method: string, path: string, body?: unknown]][] = [
    ["get", (id) => ["GET", `/api/sessions/${id}`]],
    ["rename", (id) => ["PATCH", `/api/sessions/${id}`, { name: "theirs" }]],
    ["delete", (id) => ["DELETE", `/api/sessions/${id}`]],
    ["stop", (id) => ["POST", `/api/sessions/${id}/stop`]],
    ["resume", (id) => ["POST", `/api/sessions/${id}/resume`]],
    ["execute", (id) => ["POST", `/api/sessions/${id}/execute`, { command: "id" }]],
    ["list files", (id) => ["GET", `/api/sessions/${id}/files`]],
  ];

  it.each(acts)("nobody can %s it without signing in", async (_, act) => {
    const [method, path, body] = act(newId());
    expect((await api.client.ask(method, path, { body })).code).toBe("unauthenticated");
  });

  it.each(acts)("nobody else can %s it, not even an admin", async (_, act) => {
    const { id } = await buildSession(api, { owner: await buildUser(api), state: "running" });
    for (const role of ["member", "admin"] as const) {
      const { client } = await signedInClient(api, { role });
      const [method, path, body] = act(id);
      expect((await client.ask(method, path, { body })).code).toBe("not_found");
    }
    expect((await rowOf(api, id)).state).toBe("running");
  });

  it("gives members what their role in it allows", async () => {
    const { id } = await buildSession(api, { owner: await buildUser(api), state: "running" });
    const { client, user } = await signedInClient(api);
    await api.database.db.sessionMember.create({ data: { sessionId: id, userId: user.id, role: "viewer" } });
    const { session } = (await client.get(`/api/sessions/${id}`)).body;
    expect([session.role, session.abilities]).toEqual(["viewer", ["session.view"]]);
    expect((await client.post(`/api/sessions/${id}/stop`)).code).toBe("forbidden");
    expect((await client.get("/api/sessions")).body.sessions).toHaveLength(1);
    await api.database.db.sessionMember.updateMany({ where: { sessionId: id }, data: { role: "editor" } });
    expect((await client.delete(`/api/sessions/${id}`)).code).toBe("forbidden");
    expect((await client.post(`/api/sessions/${id}/stop`)).status).toBe(200);
  });

  it("lets auditors make none", async () => {
    const { client } = await signedInClient(api, { role: "auditor" });
    expect((await client.post("/api/sessions", { name: "mine" })).code).toBe("forbidden");
  });
});

describe("renaming", () => {
  it("changes the name and nothing else", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user });
    expect((await client.patch(`/api/sessions/${id}`, { name: " new " })).body.session.name).toBe("new");
    expect((await client.patch(`/api/sessions/${id}`, { name: "a", state: "running" })).code).toBe(
      "bad_request",
    );
    expect((await client.patch(`/api/sessions/${id}`, {})).code).toBe("bad_request");
    expect(await auditOf(api, id)).toEqual(["session.renamed"]);
  });
});

describe("deleting", () => {
  it("removes place, conversations and artifacts; what was recorded stays", async () => {
    const { client, user } = await signedInClient(api);
    const { id, placeId } = await buildSession(api, { owner: user, state: "running" });
    await api.database.db.conversation.create({ data: { id: newId(), sessionId: id } });
    expect((await client.delete(`/api/sessions/${id}`)).status).toBe(204);
    expect(api.manager.removed).toContain(placeId);
    expect((await client.get(`/api/sessions/${id}`)).code).toBe("not_found");
    expect((await client.delete(`/api/sessions/${id}`)).code).toBe("not_found");
    expect(await api.database.db.conversation.count({ where: { sessionId: id } })).toBe(0);
    const row = await rowOf(api, id);
    expect(row.deletedAt).not.toBeNull();
    expect(row.place?.removedAt).not.toBeNull();
    expect(await auditOf(api, id)).toEqual(["session.deleted"]);
  });

  it("ends a start that is under way, and the place does not come back", async () => {
    const { client } = await signedInClient(api);
    const { closed, open } = gate();
    api.manager.startGate = closed;
    const { id } = (await client.post("/api/sessions", { name: "short" })).body.session;
    const placeId = (await rowOf(api, id)).place?.id ?? "";
    const deleting = client.delete(`/api/sessions/${id}`);
    await vi.waitFor(async () => expect((await rowOf(api, id)).state).toBe("deleting"));
    open();
    expect((await deleting).status).toBe(204);
    expect(api.manager.places.has(placeId)).toBe(false);
    expect((await rowOf(api, id)).deletedAt).not.toBeNull();
  });

  it("goes on when the manager is back", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user });
    api.manager.failure = new AppError("unavailable", "The session manager does not answer.");
    expect((await client.delete(`/api/sessions/${id}`)).status).toBe(204);
    expect((await client.get("/api/sessions")).body.sessions[0].state).toBe("deleting");
    api.manager.failure = null;
    api.manager.reconnect();
    await vi.waitFor(async () => expect((await rowOf(api, id)).deletedAt).not.toBeNull());
  });
});

describe("the list", () => {
  it("shows one's own, newest activity first, with cost and waiting", async () => {
    const { client, user } = await signedInClient(api);
    const now = api.clock.now().getTime();
    const older = await buildSession(api, { owner: user, createdAt: new Date(now - 2000) });
    const newer = await buildSession(api, { owner: user, createdAt: new Date(now - 1000) });
    await buildSession(api, { owner: await buildUser(api) });
    await api.database.db.conversation.create({
      data: { id: newId(), sessionId: older.id, state: "waiting" },
    });
    await api.database.db.modelUsage.createMany({
      data: [0.25, 0.5].map((costUsd) => ({
        userId: user.id,
        sessionId: older.id,
        model: "claude",
        costUsd,
        status: 200,
        durationMs: 5,
      })),
    });
    const { sessions } = (await client.get("/api/sessions")).body as { sessions: Session[] };
    expect(sessions.map(({ id }) => id)).toEqual([newer.id, older.id]);
    expect(sessions.map(({ costUsd, waiting }) => [costUsd, waiting])).toEqual([
      [0, false],
      [0.75, true],
    ]);
  });

  it("says of each session what the session itself says, whatever the person is in it", async () => {
    const { client, user } = await signedInClient(api);
    const somebody = await buildUser(api);
    const own = await buildSession(api, { owner: user, state: "running" });
    await api.database.db.session.update({
      where: { id: own.id },
      data: {
        name: 'Zoë\'s "5 \\\\ 3"\u2028 💡',
        sizeBytes: 5_000_000_000n,
        costUsd: "0.1",
        repositoryUrl: "https://git.example.org/a.git",
      },
    });
    for (const role of ["editor", "viewer"] as const) {
      const { id: sessionId } = await buildSession(api, { owner: somebody, state: "stopped" });
      await api.database.db.sessionMember.create({ data: { sessionId, userId: user.id, role } });
    }
    const { sessions } = (await client.get("/api/sessions")).body as { sessions: Session[] };
    expect(sessions.map(({ role }) => role).sort()).toEqual(["editor", "owner", "viewer"]);
    for (const listed of sessions) {
      expect(listed).toEqual((await client.get(`/api/sessions/${listed.id}`)).body.session);
    }
  });

  it("measures running sessions in the background, at most once a minute", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user, state: "running" });
    api.agents.answer("workspace.size", () => ({ bytes: 5_000_000_000 }));
    await client.get("/api/sessions");
    await vi.waitFor(async () => expect((await rowOf(api, id)).sizeBytes).toBe(5_000_000_000n));
    await client.get("/api/sessions");
    expect(api.agents.commands.filter(({ sessionId }) => sessionId === id)).toHaveLength(1);
  });
});
