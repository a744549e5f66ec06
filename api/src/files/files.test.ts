import { createHash } from "node:crypto";
import { connect } from "node:net";
import type { User } from "@remote-claude/prisma";
import { AppError } from "@remote-claude/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type ApiClient,
  auditOf,
  buildSession,
  gate,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";

let api: TestApi;
let owner: User;
let client: ApiClient;
let ownerCookie: string;
let viewer: ApiClient;
let stranger: ApiClient;
let sessionId: string;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

beforeEach(async () => {
  ({ user: owner, client, cookie: ownerCookie } = await signedInClient(api));
  ({ id: sessionId } = await buildSession(api, { owner, state: "running" }));
  const member = await signedInClient(api);
  viewer = member.client;
  await api.database.db.sessionMember.create({ data: { sessionId, userId: member.user.id, role: "viewer" } });
  stranger = (await signedInClient(api)).client;
  api.agents.answer("file.list", () => ({ entries: [], truncated: false }));
  api.agents.answer("file.delete", () => ({}));
  api.agents.commands.length = 0;
  api.agents.written.length = 0;
  api.agents.files.clear();
});
afterEach(() => api.agents.reset());

const at = (rest = "", id = sessionId) => `/api/sessions/${id}/files${rest}`;
const etagOf = (content: string) => `"${createHash("sha256").update(content).digest("hex")}"`;
function put(path: string, content: string): string {
  const etag = etagOf(content);
  api.agents.files.set(path, { content, etag });
  return etag;
}
const paths = () => api.agents.written.map(({ request }) => request.path);

describe("listing", () => {
  it("is of the workspace itself without a path, and of what the path names", async () => {
    expect((await client.get(at())).body).toEqual({ entries: [], truncated: false });
    expect((await viewer.get(at("?path=a/b"))).status).toBe(200);
    expect(api.agents.commands.map(({ payload }) => payload)).toEqual([{ path: "" }, { path: "a/b" }]);
  });

  it("refuses paths that can never be right, and what the query does not know", async () => {
    for (const path of ["../x", "/etc", "a/../../b", "a%00b", "x".repeat(4096)]) {
      expect((await client.get(at(`?path=${path}`))).code, path.slice(0, 20)).toBe("bad_request");
    }
    expect((await client.get(at("/%ed%a0%80"))).code).toBe("bad_request");
    expect((await client.get(at("?path=a&path=b"))).code).toBe("bad_request");
    expect((await client.get(at("?other=1"))).code).toBe("bad_request");
    expect(api.agents.commands).toEqual([]);
  });
});

describe("reading", () => {
  it("gives the bytes, never as something that a browser shows", async () => {
    const etag = put("docs/página 'x'.html", "<script>alert(1)</script>");
    const answer = await client.get(at("/docs/p%C3%A1gina%20'x'.html"));
    expect(answer).toMatchObject({ status: 200, text: "<script>alert(1)</script>" });
    expect(answer.headers).toMatchObject({
      etag,
      "content-type": "application/octet-stream",
      "content-length": "25",
      "content-disposition": "attachment; filename*=UTF-8''p%C3%A1gina%20%27x%27.html",
      "x-content-type-options": "nosniff",
      "content-security-policy": "sandbox",
      "last-modified": "Fri, 20 Nov 2026 10:00:00 GMT",
    });
  });

  it("says 304 to who has this version, also among others, and HEAD says all but the content", async () => {
    const etag = put("a.txt", "hello");
    for (const known of [etag, `"x", ${etag}`, `W/${etag}`, "*"]) {
      const answer = await client.get(at("/a.txt"), { headers: { "if-none-match": known } });
      expect(answer, known).toMatchObject({ status: 304, text: "" });
      expect(answer.headers.etag).toBe(etag);
    }
    expect((await client.get(at("/a.txt"), { headers: { "if-none-match": '"other"' } })).status).toBe(200);
    const head = await client.ask("HEAD", at("/a.txt"));
    expect(head).toMatchObject({ status: 200, text: "" });
    expect(head.headers).toMatchObject({ etag, "content-length": "5" });
    expect(await auditOf(api, sessionId)).toEqual(["file.read"]);
  });

  it("gives a directory as an archive, and what was downloaded is on record as such", async () => {
    put("a.txt", "hello");
    const archive = await client.get(at("/src/lib?archive=1"));
    expect(archive.text).toBe("archive of src/lib");
    expect(archive.headers["content-disposition"]).toBe("attachment; filename*=UTF-8''lib.tar.gz");
    await client.get(at("/a.txt?download=1"));
    const rows = await api.database.db.auditLog.findMany({ where: { sessionId }, orderBy: { at: "asc" } });
    expect(rows).toMatchObject([
      { action: "file.downloaded", target: "src/lib", userId: owner.id },
      { action: "file.downloaded", target: "a.txt", details: { size: 5 } },
    ]);
    expect((await client.get(at("/none"))).code).toBe("not_found");
    expect(await auditOf(api, sessionId)).toHaveLength(2);
  });
});

describe("writing", () => {
  it("is atomic over the version that the client knows, and says which one there is otherwise", async () => {
    const first = await client.ask("PUT", at("/a.txt"), { body: "one" });
    expect(first).toMatchObject({ status: 200, body: { size: 3, created: true, etag: etagOf("one") } });
    expect(first.headers.etag).toBe(etagOf("one"));
    const second = await client.ask("PUT", at("/a.txt"), {
      body: "two",
      headers: { "if-match": etagOf("one") },
    });
    expect(second.body).toMatchObject({ created: false });
    const late = await client.ask("PUT", at("/a.txt"), {
      body: "three",
      headers: { "if-match": etagOf("one") },
    });
    expect(late).toMatchObject({ status: 412, code: "precondition_failed" });
    expect(late.body.error.details.etag).toBe(etagOf("two"));
    const fresh = await client.ask("PUT", at("/a.txt"), { body: "x", headers: { "if-none-match": "*" } });
    expect(fresh.status).toBe(412);
    expect(await auditOf(api, sessionId)).toEqual(["file.written", "file.written"]);
    expect((await client.ask("PUT", at("/b.txt?upload=1"), { body: "b" })).status).toBe(200);
    expect((await auditOf(api, sessionId)).at(-1)).toBe("file.uploaded");
    expect((await client.ask("PUT", at("/b.txt?upload=2"), { body: "b" })).code).toBe("bad_request");
    for (const headers of [
      { "if-match": "one" },
      { "if-match": '"a", "b"' },
      { "if-none-match": etagOf("two") },
    ]) {
      const answer = await client.ask("PUT", at("/a.txt"), { body: "x", headers });
      expect(answer.code, JSON.stringify(headers)).toBe("bad_request");
    }
    expect(api.agents.files.get("a.txt")?.content.toString()).toBe("two");
  });

  it("refuses what is announced as too large before it takes any of it", async () => {
    const lines = [
      `PUT ${at("/big")} HTTP/1.1`,
      "host: x",
      ...Object.entries(client.headers).map(([name, value]) => `${name}: ${value}`),
      "content-length: 536870913",
    ];
    expect(await speak(`${lines.join("\r\n")}\r\n\r\nabc`)).toMatch(/^HTTP\/1.1 413 /);
    expect(api.agents.written).toEqual([]);
  });

  it("deletes, that version alone if one is named", async () => {
    expect((await client.delete(at("/a.txt"))).status).toBe(204);
    const headers = { "if-match": etagOf("x") };
    expect((await client.delete(at("/dir/b"), { headers })).status).toBe(204);
    expect(api.agents.commands.map(({ payload }) => payload)).toEqual([
      { path: "a.txt" },
      { path: "dir/b", ifMatch: etagOf("x") },
    ]);
    expect(await auditOf(api, sessionId)).toEqual(["file.deleted", "file.deleted"]);
    api.agents.answer("file.delete", () =>
      Promise.reject(new AppError("not_found", "There is no such file.")),
    );
    expect((await client.delete(at("/a.txt"))).code).toBe("not_found");
    expect(await auditOf(api, sessionId)).toHaveLength(2);
  });
});

describe("uploading", () => {
  const form = (files: Record<string, string>) => {
    const body = new FormData();
    for (const [name, content] of Object.entries(files)) body.append("files", new File([content], name));
    return body;
  };

  it("takes several files, in folders too, in order, each on record", async () => {
    const body = form({ "a.txt": "1", "deep/er/b.txt": "22", "ünï.txt": "" });
    const answer = await client.post(at("?path=to"), body);
    expect(answer.status).toBe(201);
    expect(answer.body.files.map(({ path, size }: { path: string; size: number }) => [path, size])).toEqual([
      ["to/a.txt", 1],
      ["to/deep/er/b.txt", 2],
      ["to/ünï.txt", 0],
    ]);
    expect(paths()).toEqual(["to/a.txt", "to/deep/er/b.txt", "to/ünï.txt"]);
    const rows = await api.database.db.auditLog.findMany({ where: { sessionId }, orderBy: { at: "asc" } });
    expect(rows.map(({ action, target }) => [action, target])).toEqual(
      paths().map((path) => ["file.uploaded", path]),
    );
  });

  it("refuses names that lead out, and keeps nothing under them", async () => {
    for (const name of ["../../etc/passwd", "/etc/passwd", "a/../../b"]) {
      expect((await client.post(at(), form({ [name]: "x" }))).code, name).toBe("bad_request");
    }
    expect((await client.post(at("?path=../.."), form({ a: "x" }))).code).toBe("bad_request");
    expect(paths()).toEqual([]);
    // What came before it stays, as the answer's absence of it does not say otherwise.
    expect((await client.post(at(), form({ ok: "1", "../no": "2", later: "3" }))).code).toBe("bad_request");
    expect(paths()).toEqual(["ok"]);
  });

  it("refuses what is no multipart body, a malformed one, and too many files", async () => {
    expect((await client.post(at(), { a: 1 })).code).toBe("bad_request");
    expect((await client.ask("POST", at(), { body: "text" })).code).toBe("bad_request");
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const cut = '--b\r\ncontent-disposition: form-data; name="f"; filename="cut.txt"\r\n\r\nhalf of';
    for (const body of ["", "nonsense", cut]) {
      expect((await client.ask("POST", at(), { body, headers })).code, body).toBe("bad_request");
    }
    expect(paths()).toEqual([]);
    const many = Array.from(
      { length: 1001 },
      (_, index) => `--b\r\ncontent-disposition: form-data; name="f"; filename="${index}"\r\n\r\nx\r\n`,
    );
    const answer = await client.ask("POST", at(), { body: `${many.join("")}--b--\r\n`, headers });
    expect(answer.code).toBe("too_large");
  });

  it("that is malformed behind a file that is still being taken ends neither the api nor in silence", async () => {
    const hold = gate();
    api.agents.gate = hold.closed;
    const part = (name: string, rest: string) =>
      `--b\r\ncontent-disposition: form-data; name="f"; filename="${name}"\r\n\r\n${rest}`;
    const body = `${part("first", "1\r\n")}${part("second", "2\r\n")}${part("third", "broken off")}`;
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    expect((await client.ask("POST", at(), { body, headers })).code).toBe("bad_request");
    hold.open();
    expect((await client.get("/api/health")).status).toBe(200);
    expect(paths()).not.toContain("third");
  });

  it("that is cut off by its client keeps no half file", async () => {
    const head = [
      `POST ${at()} HTTP/1.1`,
      "host: x",
      ...Object.entries(client.headers).map(([name, value]) => `${name}: ${value}`),
      "content-type: multipart/form-data; boundary=b",
      "content-length: 100000",
    ].join("\r\n");
    const part = '--b\r\ncontent-disposition: form-data; name="f"; filename="half.txt"\r\n\r\nhalf';
    const writing = vi.spyOn(api.agents, "write");
    const socket = connect(Number(new URL(client.origin).port), "127.0.0.1");
    socket.write(`${head}\r\n\r\n${part}`);
    await vi.waitFor(() => expect(writing).toHaveBeenCalledTimes(1));
    socket.destroy();
    await expect(writing.mock.results[0]?.value).rejects.toThrow();
    expect(paths()).toEqual([]);
    writing.mockRestore();
  });
});

describe("files", () => {
  it("are there only while the session runs", async () => {
    const stopped = await buildSession(api, { owner });
    const answers = await Promise.all([
      client.get(at("", stopped.id)),
      client.get(at("/a", stopped.id)),
      client.ask("PUT", at("/a", stopped.id), { body: "x" }),
      client.delete(at("/a", stopped.id)),
      client.post(at("", stopped.id), new FormData()),
      client.post(`/api/sessions/${stopped.id}/execute`, { command: "id" }),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 409, code: "session_not_ready" });
  });

  it("are read by viewers, written by those who may use the session, and not found by anybody else", async () => {
    put("a", "x");
    const upload = new FormData();
    upload.append("f", new File(["x"], "b"));
    const execute = `/api/sessions/${sessionId}/execute`;
    expect((await viewer.get(at("/a"))).status).toBe(200);
    for (const [who, code] of [
      [viewer, "forbidden"],
      [stranger, "not_found"],
      [api.client, "unauthenticated"],
    ] as const) {
      expect((await who.ask("PUT", at("/a"), { body: "y" })).code).toBe(code);
      expect((await who.delete(at("/a"))).code).toBe(code);
      expect((await who.post(at(), upload)).code).toBe(code);
      expect((await who.post(execute, { command: "id" })).code).toBe(code);
      if (who !== viewer) expect((await who.get(at("/a"))).code).toBe(code);
      if (who !== viewer) expect((await who.get(at())).code).toBe(code);
    }
    expect(paths()).toEqual([]);
    expect(await auditOf(api, sessionId)).toEqual(["file.read"]);
  });
});

describe("execute", () => {
  it("runs a command for whom asks, on record before it runs", async () => {
    const result = { stdout: "1\n", stderr: "", exitCode: 0, truncated: false };
    api.agents.answer("workspace.execute", async () => {
      expect(await auditOf(api, sessionId)).toEqual(["command.executed"]);
      return result;
    });
    const path = `/api/sessions/${sessionId}/execute`;
    expect((await client.post(path, { command: "echo 1", cwd: "src" })).body).toEqual(result);
    const [row] = await api.database.db.auditLog.findMany({ where: { sessionId } });
    expect(row).toMatchObject({ target: "src", details: { command: "echo 1" }, userId: owner.id });
    for (const body of [
      {},
      { command: "" },
      { command: "x", cwd: ".." },
      { command: "x", env: { "a b": "c" } },
      { command: "x", timeoutMs: 0 },
      { command: "x", more: 1 },
    ]) {
      expect((await client.post(path, body)).code).toBe("bad_request");
    }
    api.agents.answer("workspace.execute", () =>
      Promise.reject(new AppError("timeout", "It took too long.")),
    );
    expect(await client.post(path, { command: "sleep 9" })).toMatchObject({ status: 504, code: "timeout" });
  });

  it("answers nobody who was taken out of the session while the command ran", async () => {
    const editor = await signedInClient(api);
    const member = { sessionId, userId: editor.user.id };
    await api.database.db.sessionMember.create({ data: { ...member, role: "editor" } });
    const reply = { stdout: "late", stderr: "", exitCode: 0, truncated: false };
    const end = Promise.withResolvers<typeof reply>();
    const begun = Promise.withResolvers<string | undefined>();
    api.agents.answer("workspace.execute", (_, { executionId }) => {
      begun.resolve(executionId);
      return end.promise;
    });
    const cancelled = Promise.withResolvers<string>();
    api.agents.answer("workspace.cancel", (_, { executionId }) => {
      cancelled.resolve(executionId);
      return {};
    });
    const asked = editor.client.post(`/api/sessions/${sessionId}/execute`, { command: "sleep 600" });
    const executionId = await begun.promise;
    await api.database.db.sessionMember.deleteMany({ where: member });
    expect(await asked).toMatchObject({ status: 404, code: "not_found" });
    // Nor does it go on in the session.
    expect(await cancelled.promise).toBe(executionId);
    end.resolve(reply);
  });

  it("ends in the session, too, when whoever asked has gone", async () => {
    const begun = Promise.withResolvers<string | undefined>();
    const end = Promise.withResolvers<{
      stdout: string;
      stderr: string;
      exitCode: null;
      truncated: boolean;
    }>();
    api.agents.answer("workspace.execute", (_, { executionId }) => {
      begun.resolve(executionId);
      return end.promise;
    });
    const cancelled = Promise.withResolvers<string>();
    api.agents.answer("workspace.cancel", (_, request) => {
      cancelled.resolve(request.executionId);
      return {};
    });
    const leaving = new AbortController();
    const asked = fetch(`${client.origin}/api/sessions/${sessionId}/execute`, {
      method: "POST",
      headers: { cookie: ownerCookie, "content-type": "application/json" },
      body: JSON.stringify({ command: "sleep 600" }),
      signal: leaving.signal,
    });
    const executionId = await begun.promise;
    leaving.abort();
    await expect(asked).rejects.toThrow();
    expect(await cancelled.promise).toBe(executionId);
    end.resolve({ stdout: "", stderr: "", exitCode: null, truncated: false });
  });
});

/** Says something to the api as bytes, and returns the beginning of what it answers. */
function speak(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(client.origin).port), "127.0.0.1", () => socket.write(text));
    socket.once("data", (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once("error", reject);
  });
}
