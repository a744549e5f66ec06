import { request } from "node:http";
import { verify } from "@node-rs/argon2";
import type { Identity } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  buildSession,
  buildUser,
  publicUrl,
  signedInClient,
  startApi,
  type TestApi,
} from "../testing/index.ts";
import { ensureFirstAdmin } from "./first-admin.ts";

// As it is, and counted: it is what a sign-in's time consists of.
vi.mock("@node-rs/argon2", async (original) => {
  const argon2 = await original<typeof import("@node-rs/argon2")>();
  return { ...argon2, verify: vi.fn(argon2.verify) };
});

let api: TestApi;
beforeAll(async () => {
  api = await startApi({
    env: {
      ALLOWED_DOMAINS: "example.org",
      OIDC_ISSUER: "https://login.example.org",
      OIDC_CLIENT_ID: "remote-claude",
      OIDC_CLIENT_SECRET: "a secret of the provider",
    },
  });
});
afterAll(() => api.stop());

const password = "correct horse battery staple";
let counter = 0;
const next = () => ++counter;

/** By a provider, whose claims web has checked. */
const signIn = (email: string, more: Partial<Identity> = {}) =>
  api.internal().post("/internal/sign-ins", {
    proof: {
      kind: "identity",
      identity: {
        provider: "oidc",
        subject: `attack-${next()}`,
        email,
        emailVerified: true,
        name: null,
        groups: null,
        ...more,
      },
      idToken: null,
    },
    userAgent: null,
    address: "192.0.2.9",
  });
const login = (email: string, headers: Record<string, string> = {}, given = password) =>
  api.client.post("/api/auth/login", { email, password: given }, headers);

/** Sends each value of a header on a line of its own. */
function send(
  method: string,
  path: string,
  headers: Record<string, string | string[]>,
  body?: object,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = body === undefined ? "" : JSON.stringify(body);
    const asked = request(
      `${api.client.origin}${path}`,
      { method, headers: { "content-type": "application/json", "content-length": sent.length, ...headers } },
      (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
      },
    );
    asked.on("error", reject);
    asked.end(sent);
  });
}

describe("an address that looks like somebody else's", () => {
  it.each([
    ["a sign that becomes a letter in lower case", (email: string) => email.replace("k", "\u212a")],
    ["letters of another width", (email: string) => email.replace("k", "\uff4b")],
    ["a letter of another alphabet", (email: string) => email.replace("e", "\u0435")],
    ["a sign that nobody sees", (email: string) => email.replace("k", "k\u200b")],
    ["a combining sign", (email: string) => email.replace("k", "k\u0301")],
  ])("is nobody's here: %s", async (_, disguise) => {
    const { id } = await buildUser(api, { password });
    const email = `kim-${next()}@example.org`;
    const user = await api.database.db.user.update({ where: { id }, data: { email } });
    const disguised = disguise(user.email);
    expect(disguised).not.toBe(user.email);
    expect((await signIn(disguised)).code).toBe("bad_request");
    expect((await login(disguised)).code).toBe("bad_request");
    expect(await api.database.db.userIdentity.count({ where: { userId: user.id } })).toBe(0);
  });

  it.each([
    "eve@example.org.",
    "eve@.example.org",
    "eve@sub.example.org",
    "eve@notexample.org",
    "eve@example.org.evil.test",
    "eve@example.org@evil.test",
    "eve%40example.org@evil.test",
    "eve@evil.test,eve@example.org",
    "eve@evil.test\n@example.org",
    '"eve@evil.test"@example.org',
    "eve@xn--exmple-cua.org",
    "eve@\u0435xample.org",
    "eve@example\u3002org",
    "eve@EXAMPLE.ORG\u0000",
  ])("is not let in for its domain: %j", async (email) => {
    const answer = await signIn(email);
    expect([400, 403], answer.text).toContain(answer.status);
    expect(await api.database.db.user.count({ where: { email: { contains: "eve" } } })).toBe(0);
  });

  it("that nobody has verified opens no account that is there, whichever provider says it", async () => {
    const user = await buildUser(api, { password });
    const answer = await signIn(user.email.toUpperCase(), { emailVerified: false });
    expect(answer.body.error.details).toEqual({ reason: "email-unverified" });
    expect(await api.database.db.userIdentity.count({ where: { userId: user.id } })).toBe(0);
  });
});

describe("a guess", () => {
  it("costs the same, and is answered the same, whether there is such an account, a password, or neither", async () => {
    const [known, disabled, passwordless] = [
      await buildUser(api, { password }),
      await buildUser(api, { password }),
      await buildUser(api),
    ];
    await api.database.db.user.update({ where: { id: disabled.id }, data: { status: "disabled" } });
    const answers: unknown[] = [];
    for (const [email, given] of [
      [known.email, "a guess"],
      [disabled.email, "a guess"],
      [disabled.email, password],
      [passwordless.email, "a guess"],
      ["nobody-at-all@example.org", "a guess"],
      ["nobody@elsewhere.test", "a guess"],
    ] as const) {
      vi.mocked(verify).mockClear();
      const { status, body } = await login(email, {}, given);
      // All hashes are made with the same cost, the one that stands for none too.
      expect(vi.mocked(verify).mock.calls.map(([hash]) => String(hash).split("$").slice(1, 4))).toEqual([
        ["argon2id", "v=19", "m=19456,t=2,p=1"],
      ]);
      answers.push({ status, ...body.error, requestId: "" });
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});

describe("a request that is dressed up", () => {
  it("does what its method says, whatever a header, a query or a field says of it", async () => {
    const { client, user } = await signedInClient(api);
    const { id } = await buildSession(api, { owner: user });
    for (const name of ["x-http-method-override", "x-http-method", "x-method-override"]) {
      expect((await client.post(`/api/sessions/${id}`, {}, { [name]: "DELETE" })).status).toBe(405);
      expect((await client.get(`/api/sessions/${id}`, { headers: { [name]: "DELETE" } })).status).toBe(200);
    }
    expect((await client.get(`/api/sessions/${id}?_method=DELETE`)).status).toBe(200);
    expect((await client.post("/api/sessions", { name: "s", _method: "DELETE" })).status).toBe(400);
    expect((await client.get(`/api/sessions/${id}`)).status).toBe(200);
  });

  it("is not ours for one of several origins, nor somebody's for one of several tokens", async () => {
    const { cookie, client } = await signedInClient(api);
    const made = (headers: Record<string, string | string[]>) =>
      send("POST", "/api/tokens", { cookie, ...headers }, { name: "t" });
    expect(await made({ origin: publicUrl })).toBe(201);
    expect(await made({ origin: [publicUrl, "http://evil.test"] })).toBe(403);
    expect(await made({ origin: ["http://evil.test", publicUrl] })).toBe(403);
    expect(await made({ "sec-fetch-site": ["same-origin", "cross-site"] })).toBe(403);
    // A token beside the cookie is all that is looked at, the first of several too.
    const { secret } = (await client.post("/api/tokens", { name: "t" })).body;
    expect(await made({ authorization: ["Bearer rcl_none", `Bearer ${secret}`] })).toBe(401);
    expect(await made({ authorization: `Bearer rcl_none, Bearer ${secret}` })).toBe(401);
    expect(await made({ authorization: `Basic ${btoa(`x:${secret}`)}` })).toBe(401);
  });

  it("has no second try by an address that it writes itself before the gateway's", async () => {
    const user = await buildUser(api, { password });
    const statuses: number[] = [];
    for (let guess = 0; guess < 10; guess += 1) {
      const from = { "x-forwarded-for": `10.0.0.${guess}, 198.51.100.77`, "x-real-ip": `10.0.1.${guess}` };
      statuses.push((await login(user.email, { ...from, forwarded: `for=10.0.2.${guess}` }, "guess")).status);
    }
    expect(statuses).toEqual([...Array(8).fill(401), 429, 429]);
  });

  it("leaves a browser no sign-in that somebody planted there before", async () => {
    const planted = await signedInClient(api);
    const user = await buildUser(api, { password });
    const answer = await login(user.email, { cookie: planted.cookie });
    const cookie = String(answer.headers["set-cookie"]).split(";")[0] ?? "";
    expect(cookie).not.toBe(planted.cookie);
    expect((await planted.client.get("/api/auth/user")).body.user.id).not.toBe(user.id);
    const chosen = `remote-claude.sign-in=${"a".repeat(43)}`;
    expect((await login(user.email, { cookie: chosen })).headers["set-cookie"]).not.toContain(chosen);
    expect((await api.client.get("/api/auth/user", { headers: { cookie: chosen } })).status).toBe(401);
  });
});

describe("a limited token", () => {
  it("gets no right more, by whatever way a right is given", async () => {
    const { client } = await signedInClient(api, { role: "admin" });
    const { secret, token } = (await client.post("/api/tokens", { name: "t", scopes: ["sessions:read"] }))
      .body;
    const limited = api.client.with({ authorization: `Bearer ${secret}` });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const device = (await api.client.post("/api/oauth/device", "client_id=mine&scope=admin%3Awrite", form))
      .body;
    const tries: [string, string, object?][] = [
      ["POST", "/api/tokens", { name: "more" }],
      ["POST", "/api/tokens", { name: "same", scopes: ["sessions:read"] }],
      ["DELETE", `/api/tokens/${token.id}`],
      ["POST", `/api/oauth/devices/${device.user_code}`, { decision: "approve" }],
      ["POST", "/api/auth/second-factor"],
      ["POST", "/api/auth/password", { current: password, password: "another long password" }],
      ["POST", "/api/invitations", { email: `friend-${next()}@example.org`, role: "admin" }],
      ["PUT", "/api/settings", {}],
    ];
    for (const [method, path, body] of tries) {
      const answer = await limited.ask(method, path, body === undefined ? {} : { body });
      expect([method, path, answer.status]).toEqual([method, path, 403]);
    }
    expect((await client.get("/api/tokens")).body.tokens).toHaveLength(1);
  });
});

describe("two who come for one account at once", () => {
  it("as the first admin, make one", async () => {
    const fresh = await startApi();
    try {
      const { db } = fresh.database;
      await db.signInLink.deleteMany();
      await db.signIn.deleteMany();
      await db.user.deleteMany();
      await Promise.all([1, 2, 3, 4].map(() => ensureFirstAdmin(fresh.app.context)));
      expect(await db.user.count()).toBe(1);
    } finally {
      await fresh.stop();
    }
  });

  it("by an invitation's password and by a provider, make one, and hear of no fault of ours", async () => {
    const { client } = await signedInClient(api, { role: "admin" });
    for (let round = 0; round < 6; round += 1) {
      const email = `invited-${next()}@example.org`;
      const { link } = (await client.post("/api/invitations", { email, role: "auditor" })).body;
      const token = String(link).split("#")[1];
      const [byPassword, byProvider] = await Promise.all([
        api.client.post("/api/auth/invitations/accept", { token, name: "Ada", password }),
        signIn(email),
      ]);
      expect([200, 404, 409], byPassword.text).toContain(byPassword.status);
      expect([200, 201, 403, 404, 409], byProvider.text).toContain(byProvider.status);
      const users = await api.database.db.user.findMany({ where: { email } });
      expect(users).toHaveLength(1);
      expect(users[0]).toMatchObject({ role: "auditor" });
    }
  });
});
