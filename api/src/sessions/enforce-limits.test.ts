import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@remote-claude/prisma";
import type { OrganisationSettings } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type ApiClient,
  auditOf,
  buildSession,
  rowOf,
  sessionIn,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import { enforceLimits } from "./enforce-limits.ts";

let api: TestApi;
beforeAll(async () => {
  const file = join(tmpdir(), `templates-${newId()}.yaml`);
  await writeFile(file, "templates: [{ name: frozen, idle: { action: pause, afterMinutes: 60 } }]");
  api = await startApi({ env: { TEMPLATES_FILE: file } });
});
afterEach(async () => {
  api.manager.reset();
  api.agents.reset();
  await api.database.db.setting.deleteMany();
  // What one test leaves running is not the next one's to end.
  await api.database.db.session.deleteMany();
});
afterAll(() => api.stop());

const minutes = (count: number) => count * 60_000;
const sweep = () => enforceLimits(api.app.context, "this-api");
const pass = (count: number) => {
  api.clock.advance(minutes(count));
  return sweep();
};

async function limit(settings: Partial<OrganisationSettings>): Promise<void> {
  const { db } = api.database;
  for (const [key, value] of Object.entries(settings))
    await db.setting.create({ data: { key, value: value as number } });
}

/** Signed in, with a session that runs and was just used. */
async function running(
  template = "default",
): Promise<{ client: ApiClient; id: string; placeId: string; ownerId: string }> {
  const { client, user, signInId } = await signedInClient(api);
  const expiresAt = new Date(api.clock.now().getTime() + minutes(10_000));
  await api.database.db.signIn.update({ where: { id: signInId }, data: { expiresAt } });
  const session = await buildSession(api, { owner: user, state: "running" });
  const data = { template, startedAt: api.clock.now() };
  await api.database.db.session.update({ where: { id: session.id }, data });
  return { client, ...session, ownerId: user.id };
}

const see = async (client: ApiClient, id: string) => (await client.get(`/api/sessions/${id}`)).body.session;

describe("a session that nobody uses", () => {
  it("is announced to stop, then stops, and says why", async () => {
    await limit({ idleTimeoutMinutes: 60 });
    const { client, id, placeId } = await running();
    await pass(54);
    expect((await see(client, id)).nextStop).toBeNull();
    await pass(2);
    const inFour = new Date(api.clock.now().getTime() + minutes(4)).toISOString();
    const announced = { at: inFour, reason: "idle", action: "stop" };
    expect((await see(client, id)).nextStop).toEqual(announced);
    expect((await client.get("/api/sessions")).body.sessions[0].nextStop).toEqual(announced);
    await pass(3);
    expect((await see(client, id)).state).toBe("running");
    await pass(1);
    const stopped = await sessionIn(client, id, "stopped");
    expect(stopped).toMatchObject({
      stopReason: "idle",
      stateMessage: expect.stringContaining("nobody used it for 1 hour"),
      nextStop: null,
    });
    expect(api.manager.places.get(placeId)?.state).toBe("stopped");
    expect(await auditOf(api, id)).toEqual(["session.stopped"]);
  });

  it("is paused instead where its template says so", async () => {
    const { client, id, placeId } = await running("frozen");
    await pass(57);
    expect((await see(client, id)).nextStop).toMatchObject({ reason: "idle", action: "pause" });
    await pass(3);
    expect(await sessionIn(client, id, "paused")).toMatchObject({ stopReason: "idle", nextStop: null });
    await expect.poll(() => api.manager.places.get(placeId)?.state).toBe("paused");
    expect(await auditOf(api, id)).toEqual(["session.paused"]);
    await pass(1000);
    expect((await see(client, id)).state).toBe("paused");
  });

  it("is warned of its stop even when the time passed while no api ran", async () => {
    await limit({ idleTimeoutMinutes: 60 });
    const { client, id } = await running();
    await pass(500);
    expect((await see(client, id)).state).toBe("running");
    expect(Date.parse((await see(client, id)).nextStop.at) - api.clock.now().getTime()).toBe(minutes(5));
    await api.restart();
    await pass(5);
    await sessionIn(client.at(api.client.origin), id, "stopped");
  });

  it("is not stopped before the time it was told, when the limit becomes shorter meanwhile", async () => {
    await limit({ idleTimeoutMinutes: 60 });
    const { client, id } = await running();
    await pass(56);
    const { at } = (await see(client, id)).nextStop;
    await api.database.db.setting.update({ where: { key: "idleTimeoutMinutes" }, data: { value: 10 } });
    await sweep();
    expect(await see(client, id)).toMatchObject({ state: "running", nextStop: { at } });
  });

  it("is left alone once there is no limit any more", async () => {
    await limit({ idleTimeoutMinutes: 60 });
    const { client, id } = await running();
    await pass(56);
    await api.database.db.setting.deleteMany();
    await pass(60);
    expect(await see(client, id)).toMatchObject({ state: "running", nextStop: null });
  });

  it("is another api's to stop while that one records it, and anybody's when it is gone", async () => {
    await limit({ idleTimeoutMinutes: 60 });
    const { client, id, placeId } = await running();
    const lease = { placeId, holder: "another-api", heartbeatAt: new Date(Date.now() + minutes(60)) };
    await api.database.db.recorderLease.create({ data: lease });
    await pass(500);
    expect((await see(client, id)).nextStop).toBeNull();
    await api.database.db.recorderLease.update({ where: { placeId }, data: { heartbeatAt: new Date(0) } });
    await sweep();
    expect((await see(client, id)).nextStop).not.toBeNull();
  });
});

describe("a session is in use", () => {
  async function warned() {
    await limit({ idleTimeoutMinutes: 60 });
    const session = await running();
    await pass(56);
    expect((await see(session.client, session.id)).nextStop).not.toBeNull();
    return session;
  }
  async function isKept({ client, id }: { client: ApiClient; id: string }) {
    await pass(10);
    const { state, nextStop, lastActiveAt } = await see(client, id);
    expect({ state, nextStop }).toEqual({ state: "running", nextStop: null });
    expect(lastActiveAt).toBe(api.clock.now().toISOString());
  }

  it.each(["terminals", "commands", "transfers"] as const)("while %s are busy in it", async (what) => {
    const session = await warned();
    api.agents.activity = { ...api.agents.activity, [what]: 1 };
    await isKept(session);
  });

  it.each(["working", "waiting"] as const)("while a turn of Claude's is %s", async (state) => {
    const session = await warned();
    await api.database.db.conversation.create({ data: { sessionId: session.id, state } });
    await isKept(session);
  });

  it.each(["queued", "running", "waiting"] as const)("while a task is %s", async (state) => {
    const session = await warned();
    const { id: sessionId, ownerId: createdById } = session;
    await api.database.db.task.create({
      data: { sessionId, createdById, prompt: "go on", state, timeoutMs: 1000 },
    });
    await isKept(session);
  });

  it("when somebody runs a command or writes a file", async () => {
    const { client, id } = await warned();
    api.agents.answer("workspace.execute", () => ({ stdout: "", stderr: "", exitCode: 0, truncated: false }));
    await client.post(`/api/sessions/${id}/execute`, { command: "true" });
    await expect.poll(async () => (await see(client, id)).nextStop).toBeNull();
  });

  it("but not when somebody only looks", async () => {
    const { client, id } = await warned();
    await client.get("/api/sessions");
    await see(client, id);
    await pass(4);
    await sessionIn(client, id, "stopped");
  });

  it("for all anybody knows while its agent cannot be asked", async () => {
    const { client, id } = await warned();
    api.agents.unreachable = true;
    await pass(30);
    expect((await see(client, id)).state).toBe("running");
    api.agents.unreachable = false;
    await pass(0);
    await sessionIn(client, id, "stopped");
  });
});

describe("keeping a session running", () => {
  it("is nobody's who is not signed in, or has no part in it", async () => {
    const { id } = await running();
    const { client: stranger } = await signedInClient(api);
    expect((await api.client.post(`/api/sessions/${id}/keep`)).code).toBe("unauthenticated");
    expect((await stranger.post(`/api/sessions/${id}/keep`)).code).toBe("not_found");
  });

  it("begins its idle time anew", async () => {
    await limit({ idleTimeoutMinutes: 60 });
    const { client, id } = await running();
    await pass(58);
    expect((await client.post(`/api/sessions/${id}/keep`)).body.session).toMatchObject({
      state: "running",
      nextStop: null,
    });
    await pass(54);
    expect(await see(client, id)).toMatchObject({ state: "running", nextStop: null });
    await pass(2);
    expect((await see(client, id)).nextStop).not.toBeNull();
  });

  it("is refused for one that does not run, and for the longest run", async () => {
    await limit({ maxDurationMinutes: 60 });
    const { client, id } = await running();
    await pass(57);
    expect((await client.post(`/api/sessions/${id}/keep`)).code).toBe("conflict");
    await pass(3);
    await sessionIn(client, id, "stopped");
    expect((await client.post(`/api/sessions/${id}/keep`)).code).toBe("session_not_ready");
  });
});

describe("the longest run", () => {
  it("ends a session however busy it is, with a warning, and it can be resumed", async () => {
    await limit({ maxDurationMinutes: 480 });
    const { client, id } = await running();
    await api.database.db.conversation.create({ data: { sessionId: id, state: "working" } });
    await pass(476);
    expect((await see(client, id)).nextStop).toMatchObject({ reason: "max-duration", action: "stop" });
    await pass(4);
    const stopped = await sessionIn(client, id, "stopped");
    expect(stopped).toMatchObject({
      stopReason: "max-duration",
      stateMessage: expect.stringContaining("after 8 hours"),
    });
    await client.post(`/api/sessions/${id}/resume`);
    await sessionIn(client, id, "running");
    await pass(400);
    expect((await see(client, id)).nextStop).toBeNull();
  });

  it("ends one whose agent cannot be asked, although a limit on idleness holds as well", async () => {
    await limit({ maxDurationMinutes: 120, idleTimeoutMinutes: 60 });
    const { client, id } = await running();
    api.agents.unreachable = true;
    await pass(90);
    expect(await see(client, id)).toMatchObject({ state: "running", nextStop: null });
    await pass(26);
    expect((await see(client, id)).nextStop).toMatchObject({ reason: "max-duration" });
    await pass(5);
    await sessionIn(client, id, "stopped");
    expect((await rowOf(api, id)).stopReason).toBe("max-duration");
  });

  it("ends a paused one too", async () => {
    await limit({ maxDurationMinutes: 60 });
    const { client, id, placeId } = await running();
    await client.post(`/api/sessions/${id}/pause`);
    await pass(56);
    await pass(4);
    await sessionIn(client, id, "stopped");
    expect(api.manager.places.get(placeId)?.state).toBe("stopped");
    expect((await rowOf(api, id)).stopReason).toBe("max-duration");
  });
});

describe("how many sessions of a person run at once", () => {
  it("is limited when one is made and when one is resumed, paused ones included", async () => {
    await limit({ maxRunningSessionsPerUser: 1 });
    const { client, user } = await signedInClient(api);
    const first = await buildSession(api, { owner: user, state: "running" });
    const second = await buildSession(api, { owner: user, state: "stopped" });
    expect((await client.post("/api/sessions", { name: "a third" })).code).toBe("quota_exceeded");
    expect((await client.post(`/api/sessions/${second.id}/resume`)).code).toBe("quota_exceeded");
    await client.post(`/api/sessions/${first.id}/pause`);
    expect((await client.post(`/api/sessions/${second.id}/resume`)).code).toBe("quota_exceeded");
    expect((await client.post(`/api/sessions/${first.id}/resume`)).body.session.state).toBe("running");
    await client.post(`/api/sessions/${first.id}/stop`);
    expect((await client.post(`/api/sessions/${second.id}/resume`)).status).toBe(200);
  });
});
