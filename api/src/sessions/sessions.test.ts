import { newId } from "@remote-claude/prisma";
import { AppError, type Session } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  buildSession,
  buildUser,
  sessionIn,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ env: { MAX_SESSIONS_PER_USER: "5" } });
});
afterEach(() => {
  api.manager.failure = null;
  api.manager.startFailure = null;
  api.manager.startGate = Promise.resolve();
  api.manager.stopGate = Promise.resolve();
  api.agents.unreachable = false;
  api.agents.writeFailure = null;
  api.agents.gate = Promise.resolve();
});
afterAll(() => api.stop());

const auditOf = async (sessionId: string) =>
  (await api.database.db.auditLog.findMany({ where: { sessionId }, orderBy: { at: "asc" } })).map(
    ({ action }) => action,
  );
const rowOf = (id: string) =>
  api.database.db.session.findUniqueOrThrow({ where: { id }, include: { place: true } });
const gzip = Buffer.from("1f8b0800000000000003030000000000000000", "hex");

function gate() {
  let open = () => {};
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { closed, open };
}

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
    expect((await rowOf(id)).state).toBe("running");
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

describe("a new session", () => {
  it("starts on a place of its own, and that is on record", async () => {
    const { client, user } = await signedInClient(api);
    const made = await client.post("/api/sessions", { name: "  my project " });
    expect(made.status).toBe(201);
    const { session } = made.body as { session: Session };
    expect(session).toMatchObject({
      name: "my project",
      state: "creating",
      owner: { id: user.id },
      role: "owner",
    });
    const running = await sessionIn(client, session.id, "running");
    expect(running.isolation).toBe("bubblewrap");
    const placeId = (await rowOf(session.id)).place?.id ?? "";
    expect(placeId).toMatch(/^[a-z2-7]{12}$/);
    expect(api.manager.requests.get(placeId)).toMatchObject({
      template: "default",
      apiPublicKey: api.app.context.config.apiPublicKey,
    });
    expect(api.agents.attached.get(session.id)).toBe(placeId);
    expect(await auditOf(session.id)).toEqual(["session.created", "session.started"]);
  });

  it.each([
    ["no name", {}],
    ["an empty name", { name: "  " }],
    ["a name too long", { name: "x".repeat(101) }],
    ["a number for a name", { name: 7 }],
    ["an unknown field", { name: "a", ownerId: newId() }],
    ["an unknown template", { name: "a", template: "root" }],
    ["a branch of nothing", { name: "a", branch: "main" }],
    [
      "a branch that is an option",
      { name: "a", repositoryUrl: "https://host/x", branch: "--upload-pack=id" },
    ],
    ["a file", { name: "a", repositoryUrl: "file:///etc" }],
    ["a command", { name: "a", repositoryUrl: "ext::sh -c id" }],
    ["a password in the address", { name: "a", repositoryUrl: "https://me:secret@host/x" }],
  ])("is not made with %s", async (_, body) => {
    const { client, user } = await signedInClient(api);
    expect((await client.post("/api/sessions", body)).code).toBe("bad_request");
    expect(await api.database.db.session.count({ where: { ownerId: user.id } })).toBe(0);
  });

  it("is one of a limited number, also when many are asked for at once", async () => {
    const { client } = await signedInClient(api);
    const asked = Array.from({ length: 9 }, (_, index) =>
      client.post("/api/sessions", { name: `s${index}` }),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(answers.filter(({ code }) => code === "quota_exceeded")).toHaveLength(4);
    const id = answers.find(({ status }) => status === 201)?.body.session.id;
    expect((await client.delete(`/api/sessions/${id}`)).status).toBe(204);
    expect((await client.post("/api/sessions", { name: "again" })).status).toBe(201);
  });

  it("clones its repository before it runs", async () => {
    const { client } = await signedInClient(api);
    api.agents.answer("workspace.clone", () => ({}));
    const body = { name: "clone", repositoryUrl: "https://git.test/a/b.git", branch: "main" };
    const { session } = (await client.post("/api/sessions", body)).body;
    await sessionIn(client, session.id, "running");
    expect(api.agents.commands.filter(({ sessionId }) => sessionId === session.id)).toEqual([
      {
        sessionId: session.id,
        type: "workspace.clone",
        payload: { url: "https://git.test/a/b.git", branch: "main" },
      },
    ]);
    await client.post(`/api/sessions/${session.id}/stop`);
    await client.post(`/api/sessions/${session.id}/resume`);
    await sessionIn(client, session.id, "running");
    const clones = api.agents.commands.filter(({ sessionId }) => sessionId === session.id);
    expect(clones).toHaveLength(1);
  });

  it("says in git's words why a clone failed, and can be tried again", async () => {
    const { client } = await signedInClient(api);
    let refuse = true;
    api.agents.answer("workspace.clone", () => {
      if (refuse) throw new AppError("bad_request", "fatal: repository not found");
      return {};
    });
    const body = { name: "clone", repositoryUrl: "https://git.test/none" };
    const { session } = (await client.post("/api/sessions", body)).body;
    const failed = await sessionIn(client, session.id, "failed");
    expect(failed.stopReason).toBe("clone-failed");
    expect(failed.stateMessage).toContain("fatal: repository not found");
    await vi.waitFor(async () => {
      expect(api.manager.places.get((await rowOf(session.id)).place?.id ?? "")?.state).toBe("stopped");
    });
    refuse = false;
    expect((await client.post(`/api/sessions/${session.id}/resume`)).status).toBe(200);
    const running = await sessionIn(client, session.id, "running");
    expect([running.stateMessage, running.stopReason]).toEqual([null, null]);
  });

  it("fails in words when its place does not start, or its agent does not come", async () => {
    const { client } = await signedInClient(api);
    api.manager.startFailure = new AppError("unavailable", "The image is missing.");
    const first = (await client.post("/api/sessions", { name: "one" })).body.session;
    const failed = await sessionIn(client, first.id, "failed");
    expect([failed.stopReason, failed.stateMessage]).toEqual([
      "start-failed",
      "The session did not start: The image is missing.",
    ]);
    api.manager.startFailure = null;
    api.agents.unreachable = true;
    const second = (await client.post("/api/sessions", { name: "two" })).body.session;
    expect((await sessionIn(client, second.id, "failed")).stateMessage).toContain("agent");
    expect(await auditOf(second.id)).toEqual(["session.created", "session.failed"]);
  });
});

describe("a session from an archive", () => {
  const form = (fields: Record<string, string>, archive?: Uint8Array<ArrayBuffer>, name = "archive") => {
    const body = new FormData();
    if (archive) body.append(name, new Blob([archive]), "project.tar.gz");
    for (const [field, value] of Object.entries(fields)) body.append(field, value);
    return body;
  };
  const stored = async () => {
    const keys: string[] = [];
    for await (const { key } of api.app.context.storage.list("uploads/")) keys.push(key);
    return keys;
  };

  it("has it unpacked into the workspace, and keeps no copy", async () => {
    const { client } = await signedInClient(api);
    const made = await client.post("/api/sessions", form({ name: "archive" }, gzip));
    expect(made.status).toBe(201);
    const { id } = made.body.session;
    await sessionIn(client, id, "running");
    const written = api.agents.written.find(({ sessionId }) => sessionId === id);
    expect(written?.request).toMatchObject({ path: "", extract: true });
    expect(written?.bytes).toEqual(gzip);
    expect(await stored()).toEqual([]);
  });

  it("takes the fields of the form without an archive too", async () => {
    const { client } = await signedInClient(api);
    const made = await client.post("/api/sessions", form({ name: "plain" }));
    expect(made.body.session.name).toBe("plain");
  });

  it("says why it could not be unpacked, and keeps the archive for another try", async () => {
    const { client } = await signedInClient(api);
    api.agents.writeFailure = new AppError("bad_request", "An entry leads out of the workspace.");
    const { id } = (await client.post("/api/sessions", form({ name: "bad" }, gzip))).body.session;
    const failed = await sessionIn(client, id, "failed");
    expect([failed.stopReason, failed.stateMessage]).toEqual([
      "archive-failed",
      "The archive could not be unpacked: An entry leads out of the workspace.",
    ]);
    expect(await stored()).toHaveLength(1);
    await client.delete(`/api/sessions/${id}`);
    expect(await stored()).toEqual([]);
  });

  it.each([
    ["a text file", () => form({ name: "a" }, new TextEncoder().encode("hello"))],
    ["an empty file", () => form({ name: "a" }, new Uint8Array())],
    ["a file under another name", () => form({ name: "a" }, gzip, "file")],
    ["no name", () => form({}, gzip)],
    ["an unknown field", () => form({ name: "a", owner: "me" }, gzip)],
    ["a repository besides", () => form({ name: "a", repositoryUrl: "https://git.test/a" }, gzip)],
  ])("is not made from %s, and nothing is left", async (_, body) => {
    const { client, user } = await signedInClient(api);
    const before = await stored();
    expect((await client.post("/api/sessions", body())).code).toBe("bad_request");
    expect(await stored()).toEqual(before);
    expect(await api.database.db.session.count({ where: { ownerId: user.id } })).toBe(0);
  });

  it.each([
    ["a body without boundary", "multipart/form-data", "nonsense"],
    [
      "a body that ends early",
      "multipart/form-data; boundary=x",
      '--x\r\nContent-Disposition: form-data; name="a',
    ],
  ])("refuses %s", async (_, type, body) => {
    const { client } = await signedInClient(api);
    expect((await client.post("/api/sessions", body, { "content-type": type })).code).toBe("bad_request");
  });
});

describe("stopping and resuming", () => {
  it("keeps the place, and finds it again", async () => {
    const { client, user } = await signedInClient(api);
    const { id, placeId } = await buildSession(api, { owner: user, state: "running" });
    const stopped = (await client.post(`/api/sessions/${id}/stop`)).body.session;
    expect([stopped.state, stopped.stopReason]).toEqual(["stopped", "by-user"]);
    expect(api.manager.places.get(placeId)?.state).toBe("stopped");
    expect(api.agents.attached.has(id)).toBe(false);
    expect((await client.post(`/api/sessions/${id}/resume`)).body.session.state).toBe("starting");
    await sessionIn(client, id, "running");
    expect(api.agents.attached.get(id)).toBe(placeId);
    expect(await auditOf(id)).toEqual(["session.stopped", "session.resumed", "session.started"]);
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
    expect((await auditOf(id)).filter((action) => action === "session.stopped")).toHaveLength(1);
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
    expect((await rowOf(id)).state).toBe("stopped");
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

describe("renaming", () => {
  it("changes the name and nothing else", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user });
    expect((await client.patch(`/api/sessions/${id}`, { name: " new " })).body.session.name).toBe("new");
    expect((await client.patch(`/api/sessions/${id}`, { name: "a", state: "running" })).code).toBe(
      "bad_request",
    );
    expect((await client.patch(`/api/sessions/${id}`, {})).code).toBe("bad_request");
    expect(await auditOf(id)).toEqual(["session.renamed"]);
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
    const row = await rowOf(id);
    expect(row.deletedAt).not.toBeNull();
    expect(row.place?.removedAt).not.toBeNull();
    expect(await auditOf(id)).toEqual(["session.deleted"]);
  });

  it("ends a start that is under way, and the place does not come back", async () => {
    const { client } = await signedInClient(api);
    const { closed, open } = gate();
    api.manager.startGate = closed;
    const { id } = (await client.post("/api/sessions", { name: "short" })).body.session;
    const placeId = (await rowOf(id)).place?.id ?? "";
    const deleting = client.delete(`/api/sessions/${id}`);
    await vi.waitFor(async () => expect((await rowOf(id)).state).toBe("deleting"));
    open();
    expect((await deleting).status).toBe(204);
    expect(api.manager.places.has(placeId)).toBe(false);
    expect((await rowOf(id)).deletedAt).not.toBeNull();
  });

  it("goes on when the manager is back", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user });
    api.manager.failure = new AppError("unavailable", "The session manager does not answer.");
    expect((await client.delete(`/api/sessions/${id}`)).status).toBe(204);
    expect((await client.get("/api/sessions")).body.sessions[0].state).toBe("deleting");
    api.manager.failure = null;
    api.manager.reconnect();
    await vi.waitFor(async () => expect((await rowOf(id)).deletedAt).not.toBeNull());
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

  it("measures running sessions in the background, at most once a minute", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user, state: "running" });
    api.agents.answer("workspace.size", () => ({ bytes: 5_000_000_000 }));
    await client.get("/api/sessions");
    await vi.waitFor(async () => expect((await rowOf(id)).sizeBytes).toBe(5_000_000_000n));
    await client.get("/api/sessions");
    expect(api.agents.commands.filter(({ sessionId }) => sessionId === id)).toHaveLength(1);
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
    const { onPlace } = await import("./reconcile.ts");
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
    await vi.waitFor(async () => expect((await rowOf(deleting.id)).deletedAt).not.toBeNull());
    expect(api.manager.removed).toContain(deleting.placeId);
  });
});
