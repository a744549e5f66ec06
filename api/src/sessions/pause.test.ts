import { AppError } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  auditOf,
  buildSession,
  rowOf,
  sessionIn,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import { ensureRunning } from "./ensure-running.ts";
import { reconcile } from "./reconcile.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterEach(() => {
  api.manager.reset();
  api.agents.reset();
});
afterAll(() => api.stop());

async function running() {
  const { client, user } = await signedInClient(api);
  return { client, user, ...(await buildSession(api, { owner: user, state: "running" })) };
}

async function paused() {
  const session = await running();
  await session.client.post(`/api/sessions/${session.id}/pause`);
  return session;
}

describe("pausing", () => {
  it("is nobody's who is not signed in, or has no part in the session", async () => {
    const { id } = await running();
    const { client: stranger } = await signedInClient(api, { role: "admin" });
    expect((await api.client.post(`/api/sessions/${id}/pause`)).code).toBe("unauthenticated");
    expect((await stranger.post(`/api/sessions/${id}/pause`)).code).toBe("not_found");
  });

  it("freezes the place and lets go of its agent, and resuming finds both again", async () => {
    const { client, id, placeId } = await running();
    const { session } = (await client.post(`/api/sessions/${id}/pause`)).body;
    expect([session.state, session.stopReason]).toEqual(["paused", "by-user"]);
    expect(api.manager.places.get(placeId)?.state).toBe("paused");
    expect(api.agents.attached.has(id)).toBe(false);
    expect((await rowOf(api, id)).place?.state).toBe("paused");
    const resumed = (await client.post(`/api/sessions/${id}/resume`)).body.session;
    expect([resumed.state, resumed.stopReason]).toEqual(["running", null]);
    expect(api.manager.places.get(placeId)?.state).toBe("running");
    expect(api.agents.attached.get(id)).toBe(placeId);
    expect(await auditOf(api, id)).toEqual(["session.paused", "session.resumed"]);
  });

  it.each(["stopped", "failed", "creating"] as const)(
    "is refused for a session that is %s",
    async (state) => {
      const { client, user } = await signedInClient(api);
      const { id } = await buildSession(api, { owner: user, state });
      expect((await client.post(`/api/sessions/${id}/pause`)).code).toBe("conflict");
    },
  );

  it("happens once when it is asked for twice at once", async () => {
    const { client, id } = await running();
    const pauses = [1, 2].map(() => client.post(`/api/sessions/${id}/pause`));
    expect((await Promise.all(pauses)).map(({ status }) => status).sort()).toEqual([200, 409]);
    const resumes = [1, 2].map(() => client.post(`/api/sessions/${id}/resume`));
    expect((await Promise.all(resumes)).map(({ body }) => body.session?.state ?? body.error.code)).toContain(
      "running",
    );
    expect(await auditOf(api, id)).toEqual(["session.paused", "session.resumed"]);
  });

  it("is done when the manager is back", async () => {
    const { client, id, placeId } = await running();
    api.manager.failure = new AppError("unavailable", "The session manager does not answer.");
    expect((await client.post(`/api/sessions/${id}/pause`)).body.session.state).toBe("paused");
    expect(api.manager.places.get(placeId)?.state).toBe("running");
    api.manager.failure = null;
    api.manager.reconnect();
    await expect.poll(() => api.manager.places.get(placeId)?.state).toBe("paused");
  });

  it("outlives the api", async () => {
    const { id, placeId } = await paused();
    await api.restart();
    await reconcile(api.app.context);
    expect((await rowOf(api, id)).state).toBe("paused");
    expect(api.manager.places.get(placeId)?.state).toBe("paused");
    expect(api.agents.attached.has(id)).toBe(false);
  });
});

describe("a paused session", () => {
  it("is stopped and deleted like any other", async () => {
    const one = await paused();
    const stopped = await one.client.post(`/api/sessions/${one.id}/stop`);
    expect(stopped.body.session.state).toBe("stopped");
    expect(api.manager.places.get(one.placeId)?.state).toBe("stopped");
    const other = await paused();
    expect((await other.client.delete(`/api/sessions/${other.id}`)).status).toBe(204);
    expect(api.manager.removed).toContain(other.placeId);
  });

  it("stays paused when it cannot be resumed just now", async () => {
    const { client, id } = await paused();
    api.manager.failure = new AppError("unavailable", "The session manager does not answer.");
    expect((await client.post(`/api/sessions/${id}/resume`)).code).toBe("unavailable");
    expect((await rowOf(api, id)).state).toBe("paused");
    api.manager.failure = null;
    expect((await client.post(`/api/sessions/${id}/resume`)).body.session.state).toBe("running");
  });

  it("has failed when its place is not there any more, and starts again from its files", async () => {
    const { client, id, placeId } = await paused();
    api.manager.places.delete(placeId);
    expect((await client.post(`/api/sessions/${id}/resume`)).code).toBe("not_found");
    expect(await sessionIn(client, id, "failed")).toMatchObject({ stopReason: "agent-lost" });
    await client.post(`/api/sessions/${id}/resume`);
    await sessionIn(client, id, "running");
  });

  it.each([
    ["out-of-memory", "failed"],
    ["asked", "stopped"],
  ] as const)("is %s's to end too", async (reason, state) => {
    const { client, id, placeId } = await paused();
    api.manager.set(placeId, reason === "asked" ? "stopped" : "lost", { reason, code: null });
    await sessionIn(client, id, state);
  });

  it("goes on for a background task", async () => {
    const { id } = await paused();
    await ensureRunning(api.app.context, id);
    expect((await rowOf(api, id)).state).toBe("running");
  });

  it("says so to whoever wants to do something in it", async () => {
    const { client, id } = await paused();
    const refused = await client.post(`/api/sessions/${id}/execute`, { command: "true" });
    expect(refused.code).toBe("session_not_ready");
    expect(refused.body.error.message).toContain("paused");
  });
});
