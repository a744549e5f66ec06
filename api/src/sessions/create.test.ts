import { newId } from "@remote-claude/prisma";
import { AppError, type Session } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { auditOf, rowOf, sessionIn, signedInClient, startApi, type TestApi } from "../testing/index.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ env: { MAX_SESSIONS_PER_USER: "5" } });
});
afterEach(() => {
  api.manager.reset();
  api.agents.reset();
});
afterAll(() => api.stop());

const gzip = Buffer.from("1f8b0800000000000003030000000000000000", "hex");

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
    const placeId = (await rowOf(api, session.id)).place?.id ?? "";
    expect(placeId).toMatch(/^[a-z2-7]{12}$/);
    expect(api.manager.requests.get(placeId)).toMatchObject({
      template: "default",
      apiPublicKey: api.app.context.config.apiPublicKey,
    });
    expect(api.agents.attached.get(session.id)).toBe(placeId);
    expect(await auditOf(api, session.id)).toEqual(["session.created", "session.started"]);
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
    expect(api.agents.commands.filter(({ sessionId }) => sessionId === session.id)).toMatchObject([
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
      expect(api.manager.places.get((await rowOf(api, session.id)).place?.id ?? "")?.state).toBe("stopped");
    });
    refuse = false;
    expect((await client.post(`/api/sessions/${session.id}/resume`)).status).toBe(200);
    const running = await sessionIn(client, session.id, "running");
    expect([running.stateMessage, running.stopReason]).toEqual([null, null]);
  });

  it("runs with what a clone left that was begun by an api which ended meanwhile", async () => {
    const { client } = await signedInClient(api);
    api.agents.answer("workspace.clone", () => {
      throw new AppError("conflict", "the workspace is not empty");
    });
    const body = { name: "clone", repositoryUrl: "https://git.test/a" };
    const { session } = (await client.post("/api/sessions", body)).body;
    await sessionIn(client, session.id, "running");
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
    expect(await auditOf(api, second.id)).toEqual(["session.created", "session.failed"]);
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
