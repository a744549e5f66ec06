import { connect } from "node:net";
import { routes } from "@remote-claude/protocol";
import { Validator } from "@seriousme/openapi-schema-validator";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSession, signedInClient, startApi, type TestApi } from "../testing/index.ts";
import { openApiDocument } from "./openapi.ts";

let api: TestApi;
const logged: string[] = [];
beforeAll(async () => {
  const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(line) });
  api = await startApi({ env: { METRICS_TOKEN: "metrics-token" }, log });
});
afterAll(() => api.stop());

/** Bytes as they are, to a server that must answer something. */
async function raw(text: string): Promise<string> {
  const { port } = new URL(api.client.origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("every answer", () => {
  it("carries an id, the client's own if it is harmless", async () => {
    expect((await api.client.get("/api/health")).headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    const given = await api.client.get("/api/nothing", { headers: { "x-request-id": "trace-12345678" } });
    expect(given.headers["x-request-id"]).toBe("trace-12345678");
    expect(given.body.error.requestId).toBe("trace-12345678");
    const odd = await api.client.get("/api/health", { headers: { "x-request-id": "a{}\\n b" } });
    expect(odd.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("is data that no page may frame, sniff or keep", async () => {
    const { headers } = await api.client.get("/api/health");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["x-powered-by"]).toBeUndefined();
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("leaves no secret in the log", async () => {
    const { client } = await signedInClient(api);
    const { secret } = (await client.post("/api/tokens", { name: "token" })).body;
    await api.client.with({ authorization: `Bearer ${secret}` }).get("/api/auth/user?token=query-secret");
    await api.client.post("/api/auth/login", { email: "a@example.org", password: "body-secret" });
    const all = logged.join("");
    expect(all).toContain("/api/auth/login");
    for (const hidden of [secret, client.headers.cookie?.split("=")[1], "query-secret", "body-secret"]) {
      expect(hidden).toBeTruthy();
      expect(all).not.toContain(hidden);
    }
  });
});

describe("what does not fit", () => {
  it.each([
    ["an unknown path", "GET", "/api/nothing", 404, "not_found"],
    ["the root", "GET", "/", 404, "not_found"],
    ["a wrong method", "PUT", "/api/auth/login", 405, "method_not_allowed"],
    ["a method nobody knows here", "PATCH", "/api/health", 405, "method_not_allowed"],
    ["another case", "GET", "/API/health", 404, "not_found"],
  ])("%s is refused", async (_, method, path, status, code) => {
    const answer = await api.client.ask(method, path);
    expect([answer.status, answer.code]).toEqual([status, code]);
    if (status === 405) expect(answer.headers.allow).toBeTruthy();
  });

  it.each([
    ["JSON that is none", "{", "application/json", 400],
    ["JSON that is not UTF-8", Buffer.from([0x22, 0xff, 0x22]), "application/json", 400],
    ["text", "email=a", "text/plain", 400],
    ["a form", "email=a&password=b", "application/x-www-form-urlencoded", 400],
    ["another character set", "{}", "application/json; charset=utf-32", 400],
    ["three megabytes", JSON.stringify({ email: "x".repeat(3_000_000) }), "application/json", 413],
    ["prototype pollution", '{"__proto__":{"email":"a@b.cd"},"password":"x"}', "application/json", 400],
    ["deep nesting", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, "application/json", 400],
    ["nothing", "", "application/json", 400],
  ])("a body of %s is refused in words", async (_, body, type, status) => {
    const answer = await api.client.ask("POST", "/api/auth/login", {
      body,
      headers: { "content-type": type },
    });
    expect(answer.status).toBe(status);
    expect(answer.code).toBe(status === 413 ? "too_large" : "bad_request");
    expect(answer.body.error.message).not.toMatch(/SyntaxError|node_modules|at /);
  });

  it("a body that is not compressed as it says is refused", async () => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const answer = await api.client.ask("POST", "/api/auth/login", { body: "not gzip", headers });
    expect([answer.status, answer.code]).toEqual([400, "bad_request"]);
  });

  it("a compressed bomb is refused by what it unpacks to", async () => {
    const { gzipSync } = await import("node:zlib");
    const body = gzipSync(JSON.stringify({ email: "x".repeat(50_000_000) }));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    expect((await api.client.ask("POST", "/api/auth/login", { body, headers })).code).toBe("too_large");
  });

  it.each([
    ["malformed percent-encoding", "%zz"],
    ["bytes that are not UTF-8", "%ff%fe"],
    ["a way out", "a/%2e%2e/%2e%2e/etc/passwd"],
    ["a way out behind an encoded slash", "..%2f..%2fetc%2fpasswd"],
    ["an absolute path", "%2fetc/passwd"],
    ["a NUL", "a%00b"],
    ["4,096 characters", "x".repeat(4096)],
  ])("a file path of %s is refused", async (_, path) => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user, state: "running" });
    for (const method of ["GET", "PUT", "DELETE"]) {
      expect((await client.ask(method, `/api/sessions/${id}/files/${path}`)).code, method).toBe(
        "bad_request",
      );
    }
  });

  it("an id that is none, and an unknown or repeated query field, are refused", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user, state: "running" });
    expect((await client.get("/api/sessions/1")).code).toBe("bad_request");
    expect((await client.get(`/api/sessions/${id}/files?path=&depth=3`)).code).toBe("bad_request");
    expect((await client.get(`/api/sessions/${id}/files?path=a&path=b`)).code).toBe("bad_request");
    expect((await client.get(`/api/sessions/${id}/claude/history?after=x`)).code).toBe("bad_request");
  });

  it("a request that is no HTTP ends, and the server goes on", async () => {
    expect(await raw("\x16\x03\x01\x02\x00\r\n\r\n")).toContain("400");
    expect(await raw(`GET /${"x".repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).toMatch(/431|414/);
    expect((await api.client.get("/api/health")).status).toBe(200);
  });
});

describe("the internal routes", () => {
  it("are not there without the secret", async () => {
    for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: "Basic x" }]) {
      const client = api.client.with(headers as Record<string, string>);
      expect((await client.post("/internal/sign-in-links", {})).code).toBe("not_found");
      expect((await client.post("/internal/sign-ins", {})).code).toBe("not_found");
    }
    const { client } = await signedInClient(api, { role: "admin" });
    expect((await client.post("/internal/sign-in-links", {})).code).toBe("not_found");
  });

  it("made the first admin, whom a link signs in once", async () => {
    const { token } = (await api.internal().post("/internal/sign-in-links", {})).body;
    const from = { address: "192.0.2.5", userAgent: "a browser" };
    const ask = { proof: { kind: "link", token }, ...from };
    const both = await Promise.all([1, 2].map(() => api.internal().post("/internal/sign-ins", ask)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    const { signInId, user } = both.find(({ status }) => status === 200)?.body ?? {};
    expect(user).toMatchObject({ email: "admin@remote-claude.local", role: "admin" });
    const client = api.client.with({ cookie: `remote-claude.sign-in=${signInId}` });
    const { signIns } = (await client.get("/api/auth/sign-ins")).body;
    expect(signIns[0]).toMatchObject({ ...from, current: true });
    const late = (await api.internal().post("/internal/sign-in-links", {})).body;
    api.clock.advance(3_600_001);
    const tooLate = { proof: { kind: "link", token: late.token }, ...from };
    expect((await api.internal().post("/internal/sign-ins", tooLate)).code).toBe("unauthenticated");
  });

  it("record a guesser of links some times and no more, and let others at other addresses in", async () => {
    const guess = (address: string, token = "guessed") =>
      api.internal().post("/internal/sign-ins", { proof: { kind: "link", token }, address, userAgent: null });
    const codes: (string | null)[] = [];
    for (let count = 0; count < 40; count++) codes.push((await guess("198.51.100.77")).code);
    expect(codes.filter((code) => code === "unauthenticated")).toHaveLength(30);
    expect(codes.at(-1)).toBe("rate_limited");
    const rows = await api.database.db.auditLog.findMany({ where: { address: "198.51.100.77" } });
    expect(rows).toHaveLength(31);
    const { token } = (await api.internal().post("/internal/sign-in-links", {})).body;
    expect((await guess("198.51.100.77", token)).code).toBe("rate_limited");
    expect((await guess("192.0.2.6", token)).status).toBe(200);
  });

  it("refuse unknown fields and unknown proofs", async () => {
    const from = { address: null, userAgent: null };
    for (const proof of [
      { kind: "trust-me" },
      { kind: "link" },
      { kind: "link", token: "x", role: "admin" },
    ]) {
      expect((await api.internal().post("/internal/sign-ins", { proof, ...from })).code).toBe("bad_request");
    }
  });

  it("make one admin, however often the api starts", async () => {
    await api.restart();
    expect(await api.database.db.user.count({ where: { email: "admin@remote-claude.local" } })).toBe(1);
  });
});

describe("the OpenAPI document", () => {
  it("is valid, and names every route and whom it is for", async () => {
    const { body } = await api.client.get("/api/openapi.json");
    const result = await new Validator().validate(structuredClone(body));
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
    for (const [name, { method, path, needs }] of routes) {
      const operation = body.paths[path][method.toLowerCase()];
      expect(operation.operationId).toBe(name);
      expect(operation.security).toHaveLength(needs === "nobody" ? 0 : 2);
      expect(operation.responses["500"]).toBeDefined();
    }
  });

  it("refers only to what it holds, and keeps each shared shape once", () => {
    const document = openApiDocument("1.0.0", "cookie");
    const text = JSON.stringify(document);
    const { schemas } = document.components as { schemas: Record<string, unknown> };
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(new Set(references).size).toBeGreaterThan(5);
    for (const name of references) expect(Object.keys(schemas)).toContain(name);
    expect(text).not.toContain("$defs");
  });
});
