import { newId, type User } from "@remote-claude/prisma";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type ApiClient,
  auditOf,
  buildSession,
  buildUser,
  connectSocket,
  rowOf,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";

let api: TestApi;
let admin: { client: ApiClient; user: User };
beforeAll(async () => {
  api = await startApi();
});
beforeEach(async () => {
  // One admin alone, whatever the test before left.
  await api.database.db.user.updateMany({ where: { role: "admin" }, data: { role: "member" } });
  admin = await signedInClient(api, { role: "admin" });
});
afterAll(() => api.stop());

const actionsOn = async (target: string) => {
  const rows = await api.database.db.auditLog.findMany({ where: { target }, orderBy: { at: "asc" } });
  return rows.map(({ action }) => action);
};
const change = (userId: string, body: object, client = admin.client) =>
  client.patch(`/api/admin/users/${userId}`, body);
const setLookInside = async (allowed: boolean) => {
  const { settings } = (await admin.client.get("/api/settings")).body;
  await admin.client.put("/api/settings", { ...settings, adminsMayLookInside: allowed });
};

describe("who may", () => {
  it("not who has not signed in, nor members, nor auditors", async () => {
    const { user } = await signedInClient(api);
    const paths: [string, string, object?][] = [
      ["GET", "/api/admin/users"],
      ["GET", `/api/admin/users/${user.id}`],
      ["PATCH", `/api/admin/users/${user.id}`, { role: "admin" }],
      ["POST", `/api/admin/users/${user.id}/delete`, { sessions: "delete" }],
      ["GET", "/api/admin/sessions"],
      ["GET", "/api/admin/spend"],
    ];
    for (const [method, path, body] of paths) {
      const ask = body === undefined ? {} : { body };
      expect((await api.client.ask(method, path, ask)).code).toBe("unauthenticated");
      for (const role of ["member", "auditor"] as const) {
        const { client } = await signedInClient(api, { role });
        expect((await client.ask(method, path, ask)).code, `${role} ${method} ${path}`).toBe("forbidden");
      }
    }
    expect((await api.database.db.user.findUniqueOrThrow({ where: { id: user.id } })).role).toBe("member");
  });
});

describe("the list of people", () => {
  it("goes through all of them once, a page at a time, and finds by name and address", async () => {
    for (let count = 0; count < 4; count += 1) await buildUser(api);
    const seen: string[] = [];
    let after: string | null = "";
    while (after !== null) {
      const query: string = after === "" ? "" : `&after=${encodeURIComponent(after)}`;
      const { users, next } = (await admin.client.get(`/api/admin/users?limit=2${query}`)).body;
      seen.push(...users.map(({ email }: { email: string }) => email));
      after = next;
    }
    const all = await api.database.db.user.findMany({ where: { deletedAt: null } });
    expect(seen.toSorted()).toEqual(all.map(({ email }) => email).toSorted());
    expect(new Set(seen).size).toBe(seen.length);

    const odd = await api.database.db.user.create({ data: { email: "odd@example.org", name: "100%_Zoë" } });
    for (const search of ["odd@", "100%25_zo", "ZO%C3%8B"]) {
      const { users } = (await admin.client.get(`/api/admin/users?search=${search}`)).body;
      expect(users.map(({ id }: User) => id)).toEqual([odd.id]);
    }
    const { users } = (await admin.client.get("/api/admin/users?role=admin&status=active")).body;
    expect(users.map(({ id }: User) => id)).toEqual([admin.user.id]);
  });

  it("says how many sessions they have and what they spent this month", async () => {
    const user = await buildUser(api);
    await buildSession(api, { owner: user, state: "running" });
    await buildSession(api, { owner: user });
    await api.database.db.modelUsage.create({
      data: {
        userId: user.id,
        model: "claude",
        costUsd: 1.25,
        status: 200,
        durationMs: 1,
        at: api.clock.now(),
      },
    });
    const { user: row } = (await admin.client.get(`/api/admin/users/${user.id}`)).body;
    expect(row).toMatchObject({
      sessions: 2,
      runningSessions: 1,
      monthCostUsd: 1.25,
      monthlyBudgetUsd: null,
    });
  });
});

describe("changing somebody", () => {
  it("counts at their next request, and is on record", async () => {
    const { client, user } = await signedInClient(api);
    expect((await client.get("/api/admin/users")).code).toBe("forbidden");
    expect((await change(user.id, { role: "admin", monthlyBudgetUsd: 5 })).body.user).toMatchObject({
      role: "admin",
      monthlyBudgetUsd: 5,
    });
    expect((await client.get("/api/admin/users")).status).toBe(200);
    expect(await actionsOn(user.email)).toEqual(["user.role-changed", "user.budget-changed"]);
    expect((await change(newId(), { role: "admin" })).code).toBe("not_found");
  });

  it("disabling ends their pages, their sign-ins and what runs of theirs; enabling lets them sign in anew", async () => {
    const { client, user, cookie } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user, state: "running" });
    const socket = await connectSocket(api, { cookie });
    await change(user.id, { status: "disabled" });
    await vi.waitFor(() => expect(socket.socket.connected).toBe(false));
    expect(socket.of("session.connection-closing")).toEqual([{ reason: "sign-in-again" }]);
    expect((await client.get("/api/auth/user")).code).toBe("unauthenticated");
    await vi.waitFor(async () => expect((await rowOf(api, id)).state).toBe("stopped"));
    expect((await rowOf(api, id)).stopReason).toBe("by-admin");
    await change(user.id, { status: "active" });
    expect((await client.get("/api/auth/user")).code).toBe("unauthenticated");
    expect(await actionsOn(user.email)).toEqual(["user.disabled", "user.enabled"]);
  });

  it("never takes the last admin away, nor lets one take themselves away", async () => {
    const { user: admin2, client: client2 } = await signedInClient(api, { role: "admin" });
    for (const body of [{ role: "member" }, { status: "disabled" }]) {
      expect((await change(admin.user.id, body)).code).toBe("conflict");
    }
    expect(
      (await admin.client.post(`/api/admin/users/${admin.user.id}/delete`, { sessions: "delete" })).code,
    ).toBe("conflict");
    // Each takes the other away at the same moment: one of them is left.
    const answers = await Promise.all([
      change(admin2.id, { role: "member" }),
      change(admin.user.id, { role: "member" }, client2),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 403]);
    const left = { role: "admin", status: "active" } as const;
    expect(await api.database.db.user.count({ where: left })).toBe(1);
  });
});

describe("deleting somebody", () => {
  it("takes name, address and every way in; usage and the record still refer to them", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user });
    const shared = await buildSession(api, { owner: admin.user });
    await api.database.db.sessionMember.create({
      data: { sessionId: shared.id, userId: user.id, role: "viewer" },
    });
    const { secret } = (await client.post("/api/tokens", { name: "cli" })).body;
    await api.database.db.modelUsage.create({
      data: { userId: user.id, model: "claude", costUsd: 1, status: 200, durationMs: 1 },
    });
    const { sessions } = (await admin.client.get(`/api/admin/users/${user.id}`)).body;
    expect(sessions).toMatchObject([{ id, state: "stopped", sharedWith: 0 }]);

    const path = `/api/admin/users/${user.id}/delete`;
    expect((await admin.client.post(path, {})).code).toBe("bad_request");
    expect((await admin.client.post(path, { sessions: "delete" })).status).toBe(204);
    expect((await client.get("/api/auth/user")).code).toBe("unauthenticated");
    const byToken = api.client.with({ authorization: `Bearer ${secret}` });
    expect((await byToken.get("/api/auth/user")).code).toBe("unauthenticated");
    await vi.waitFor(async () => expect((await rowOf(api, id)).deletedAt).not.toBeNull());
    const row = await api.database.db.user.findUniqueOrThrow({ where: { id: user.id } });
    expect(row).toMatchObject({ name: "Deleted person", status: "disabled", passwordHash: null });
    expect(JSON.stringify(row)).not.toContain(user.email);
    expect(await api.database.db.sessionMember.count({ where: { userId: user.id } })).toBe(0);
    expect(await api.database.db.usageDay.count({ where: { userId: user.id } })).toBe(1);
    expect((await admin.client.get(`/api/admin/users/${user.id}`)).code).toBe("not_found");
    expect(await actionsOn(user.email)).toEqual(["user.deleted"]);
    expect((await admin.client.post(path, { sessions: "delete" })).code).toBe("not_found");
  });

  it("gives their sessions to another, who finds them in the list at once", async () => {
    const [{ user }, heir] = [await signedInClient(api), await signedInClient(api)];
    const { id } = await buildSession(api, { owner: user, state: "running" });
    const path = `/api/admin/users/${user.id}/delete`;
    const refused = await admin.client.post(path, { sessions: "give", to: "nobody@example.org" });
    expect(refused.code).toBe("conflict");
    expect((await admin.client.post(path, { sessions: "give", to: user.email })).code).toBe("conflict");
    const given = await admin.client.post(path, { sessions: "give", to: heir.user.email });
    expect(given.status).toBe(204);
    expect((await heir.client.get("/api/sessions")).body.sessions).toMatchObject([
      { id, role: "owner", state: "running" },
    ]);
    expect(await auditOf(api, id)).toEqual(["session.given"]);
  });

  it("gives sessions without the former owner's links and whom they let in", async () => {
    const [{ client, user }, heir] = [await signedInClient(api), await signedInClient(api)];
    const [guest, colleague, late] = [
      await signedInClient(api),
      await signedInClient(api),
      await signedInClient(api),
    ];
    const { id } = await buildSession(api, { owner: user, state: "running" });
    const made = await client.post(`/api/sessions/${id}/share-links`, { role: "editor" });
    const secret = new URL(made.body.url).hash.slice(1);
    expect((await guest.client.post("/api/share-links/accept", { secret })).status).toBe(200);
    const member = { email: colleague.user.email, role: "viewer" };
    expect((await client.post(`/api/sessions/${id}/members`, member)).status).toBe(201);
    const socket = await connectSocket(api, { cookie: guest.cookie });
    await admin.client.post(`/api/admin/users/${user.id}/delete`, { sessions: "give", to: heir.user.email });
    await vi.waitFor(() => expect(socket.of("session.access-ended")).toMatchObject([{ sessionId: id }]));
    socket.socket.disconnect();
    expect((await guest.client.get(`/api/sessions/${id}`)).code).toBe("not_found");
    expect((await late.client.post("/api/share-links/accept", { secret })).code).toBe("not_found");
    expect((await heir.client.get(`/api/sessions/${id}/share-links`)).body.links).toEqual([]);
    // Whom they named themselves is among the people of the session for the new owner to see.
    expect((await colleague.client.get(`/api/sessions/${id}`)).status).toBe(200);
    const where = { sessionId: id, action: "session.given" };
    expect(await api.database.db.auditLog.findFirst({ where })).toMatchObject({
      details: { out: [guest.user.id] },
    });
  });
});

describe("everybody's sessions", () => {
  it("are listed from outside, found by their owner, page after page", async () => {
    const owner = await buildUser(api);
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const createdAt = new Date(api.clock.now().getTime() - count * 1000);
      ids.push((await buildSession(api, { owner, createdAt })).id);
    }
    const first = (await admin.client.get(`/api/admin/sessions?limit=2&search=${owner.email}`)).body;
    expect(first.sessions.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
    expect(first.mayLookInside).toBe(false);
    const after = encodeURIComponent(first.next);
    const second = (
      await admin.client.get(`/api/admin/sessions?limit=2&search=${owner.email}&after=${after}`)
    ).body;
    expect(second).toMatchObject({ sessions: [{ id: ids[2], owner: { email: owner.email } }], next: null });
    const live = (await admin.client.get(`/api/admin/sessions?live=1&search=${owner.email}`)).body;
    expect(live.sessions).toEqual([]);
    expect((await admin.client.get("/api/admin/sessions?after=x")).code).toBe("bad_request");
  });

  it("can be stopped, which says who did it, and not be opened for that", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user, state: "running" });
    const { body } = await admin.client.post(`/api/admin/sessions/${id}/stop`);
    expect(body.session).toMatchObject({ id, state: "stopped" });
    expect((await client.get(`/api/sessions/${id}`)).body.session.stopReason).toBe("by-admin");
    expect((await admin.client.post(`/api/admin/sessions/${id}/stop`)).code).toBe("conflict");
    expect((await admin.client.get(`/api/sessions/${id}`)).code).toBe("not_found");
    expect((await admin.client.post(`/api/admin/sessions/${newId()}/stop`)).code).toBe("not_found");
    const [row] = await api.database.db.auditLog.findMany({ where: { sessionId: id } });
    expect(row).toMatchObject({ action: "session.stopped", userId: admin.user.id, onBehalfOf: user.id });
  });

  it("are looked into only where the organisation allows it, for an hour, on record and seen by the owner", async () => {
    const { client, user, cookie } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user, state: "running" });
    const look = () =>
      admin.client.post(`/api/admin/sessions/${id}/look-inside`, { reason: "It misbehaves" });
    expect((await look()).code).toBe("forbidden");
    expect((await admin.client.get(`/api/sessions/${id}`)).code).toBe("not_found");
    await setLookInside(true);
    try {
      const socket = await connectSocket(api, { cookie });
      expect((await look()).body.session).toMatchObject({ role: "viewer", abilities: ["session.view"] });
      await vi.waitFor(() =>
        expect(socket.of("session.looked-inside")).toMatchObject([
          { by: { id: admin.user.id }, reason: "It misbehaves" },
        ]),
      );
      socket.socket.disconnect();
      const { members } = (await client.get(`/api/sessions/${id}/members`)).body;
      expect(members[1]).toMatchObject({ by: "admin", role: "viewer", user: { id: admin.user.id } });
      const [row] = await api.database.db.auditLog.findMany({ where: { sessionId: id } });
      expect(row).toMatchObject({
        action: "session.looked-inside",
        userId: admin.user.id,
        onBehalfOf: user.id,
        details: { reason: "It misbehaves" },
      });
      expect((await admin.client.delete(`/api/sessions/${id}`)).code).toBe("forbidden");
      await client.delete(`/api/sessions/${id}/members/${admin.user.id}`);
      expect((await admin.client.get(`/api/sessions/${id}`)).code).toBe("not_found");
      await look();
      const past = new Date(api.clock.now().getTime() - 1);
      await api.database.db.sessionMember.updateMany({ where: { sessionId: id }, data: { expiresAt: past } });
      expect((await admin.client.get(`/api/sessions/${id}`)).code).toBe("not_found");
    } finally {
      await setLookInside(false);
    }
  });

  it.each(["loses the role", "is disabled", "may no longer by the settings"])(
    "are closed at once to an admin who looks inside and %s",
    async (why) => {
      const { user } = await signedInClient(api);
      const { id } = await buildSession(api, { owner: user, state: "running" });
      const other = await signedInClient(api, { role: "admin" });
      const members = () => api.database.db.sessionMember.count({ where: { sessionId: id } });
      await setLookInside(true);
      try {
        const look = { reason: "It misbehaves" };
        const path = `/api/admin/sessions/${id}/look-inside`;
        const answers = await Promise.all([other.client.post(path, look), other.client.post(path, look)]);
        expect(answers.map(({ status }) => status)).toEqual([200, 200]);
        expect(await auditOf(api, id)).toEqual(["session.looked-inside"]);
        expect(await members()).toBe(1);
        if (why === "loses the role") await change(other.user.id, { role: "auditor" });
        else if (why === "is disabled") await change(other.user.id, { status: "disabled" });
        else await setLookInside(false);
        expect(await members()).toBe(0);
      } finally {
        await setLookInside(false);
      }
    },
  );
});
