import { AppError } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  auditOf,
  buildSession,
  buildUser,
  gate,
  rowOf,
  sessionIn,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import { onPlace, sweepOnce } from "./reconcile.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterEach(() => {
  api.manager.reset();
  api.agents.reset();
});
afterAll(() => api.stop());

describe("stopping and resuming", () => {
  it("keeps the place, and finds it again", async () => {
    const { client, user } = await signedInClient(api);
    const { id, placeId } = await buildSession(api, { owner: user, state: "running" });
    const stopped = (await client.post(`/api/sessions/${id}/stop`)).body.session;
    expect([stopped.state, stopped.stopReason]).toEqual(["stopped", "by-user"]);
    expect(api.manager.places.get(placeId)?.state).toBe("stopped");
    expect(api.agents.attached.has(id)).toBe(false);
    const hold = gate();
    api.manager.startGate = hold.closed;
    expect((await client.post(`/api/sessions/${id}/resume`)).body.session.state).toBe("starting");
    hold.open();
    await sessionIn(client, id, "running");
    expect(api.agents.attached.get(id)).toBe(placeId);
    expect(await auditOf(api, id)).toEqual(["session.stopped", "session.resumed", "session.started"]);
  });

  it("happens once when it is asked for twice at once", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user, state: "running" });
    const stops = await Promise.all([
      client.post(`/api/sessions/${id}/stop`),
      client.post(`/api/sessions/${id}/stop`),
    ]);
    expect(stops.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(stops.find(({ status }) => status === 409)?.body.error.details.state).toMatch(/stopp/);
    const resumes = await Promise.all([
      client.post(`/api/sessions/${id}/resume`),
      client.post(`/api/sessions/${id}/resume`),
    ]);
    expect(resumes.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await auditOf(api, id)).filter((action) => action === "session.stopped")).toHaveLength(1);
  });

  it("ends a start that is under way", async () => {
    const { client, user } = await signedInClient(api);
    const { id, placeId } = await buildSession(api, { owner: user, state: "stopped" });
    const { closed, open } = gate();
    api.agents.gate = closed;
    await client.post(`/api/sessions/${id}/resume`);
    await vi.waitFor(() => expect(api.agents.attached.has(id)).toBe(true));
    expect((await client.post(`/api/sessions/${id}/stop`)).body.session.state).toBe("stopped");
    open();
    expect(api.manager.places.get(placeId)?.state).toBe("stopped");
    expect((await rowOf(api, id)).state).toBe("stopped");
  });

  it("stays under way while the manager is away, and is done when it is back", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user, state: "running" });
    api.manager.failure = new AppError("unavailable", "The session manager does not answer.");
    expect((await client.post(`/api/sessions/${id}/stop`)).body.session.state).toBe("stopping");
    api.manager.failure = null;
    api.manager.reconnect();
    await sessionIn(client, id, "stopped");
  });
});

describe("a place that ends by itself", () => {
  it.each([
    ["out-of-memory", "failed", "out-of-memory"],
    ["disk-full", "failed", "disk-full"],
    ["exited", "failed", "agent-lost"],
    ["asked", "stopped", "service-stopped"],
  ] as const)("(%s) leaves the session %s", async (reason, state, stopReason) => {
    const { client, user } = await signedInClient(api);
    const { id, placeId } = await buildSession(api, { owner: user, state: "running" });
    api.manager.set(placeId, "lost", { reason, code: null });
    const session = await sessionIn(client, id, state);
    expect(session.stopReason).toBe(stopReason);
    expect(session.stateMessage).not.toBeNull();
    expect(api.agents.attached.has(id)).toBe(false);
  });

  it("is believed only as it stands now", async () => {
    const { client, user } = await signedInClient(api);
    const { id, placeId } = await buildSession(api, { owner: user, state: "running" });
    const lost = api.manager.set(placeId, "running");
    await onPlace(api.app.context, { ...lost, state: "lost" });
    expect((await client.get(`/api/sessions/${id}`)).body.session.state).toBe("running");
  });
});

describe("an api that starts again", () => {
  it("takes up what it finds in every state", async () => {
    const { user, cookie } = await signedInClient(api);
    const build = (state: Parameters<typeof buildSession>[1]["state"]) =>
      buildSession(api, { owner: user, ...(state === undefined ? {} : { state }) });
    const running = await build("running");
    const gone = await build("running");
    const starting = await build("starting");
    const creating = await build("creating");
    const stopping = await build("stopping");
    const deleting = await build("deleting");
    api.manager.places.delete(gone.placeId);
    api.agents.attached.clear();
    await api.restart();
    const client = api.client.with({ cookie });
    await sessionIn(client, starting.id, "running");
    await sessionIn(client, creating.id, "running");
    await sessionIn(client, stopping.id, "stopped");
    expect((await sessionIn(client, gone.id, "stopped")).stopReason).toBe("service-stopped");
    expect((await sessionIn(client, running.id, "running")).id).toBe(running.id);
    expect(api.agents.attached.get(running.id)).toBe(running.placeId);
    await vi.waitFor(async () => expect((await rowOf(api, deleting.id)).deletedAt).not.toBeNull());
    expect(api.manager.removed).toContain(deleting.placeId);
  });
});

describe("the sessions of somebody who was deleted with them", () => {
  it("are deleted also where the api ended before it came to that, and no others are", async () => {
    const [gone, disabled] = [await buildUser(api), await buildUser(api)];
    const { id } = await buildSession(api, { owner: gone, state: "running" });
    const kept = await buildSession(api, { owner: disabled });
    const { db } = api.database;
    await db.user.update({ where: { id: disabled.id }, data: { status: "disabled" } });
    const deletedAt = api.clock.now();
    await db.user.update({ where: { id: gone.id }, data: { status: "disabled", deletedAt } });
    await sweepOnce(api.app.context);
    // An api that is still at it does it itself.
    expect((await rowOf(api, id)).state).toBe("running");
    api.clock.advance(60_001);
    await sweepOnce(api.app.context);
    await vi.waitFor(async () => expect((await rowOf(api, id)).deletedAt).not.toBeNull());
    expect((await rowOf(api, kept.id)).deletedAt).toBeNull();
    const [row] = await db.auditLog.findMany({ where: { sessionId: id } });
    expect(row).toMatchObject({ action: "session.deleted", actorKind: "system", onBehalfOf: gone.id });
  });
});
