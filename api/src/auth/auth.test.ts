import { signInCookieName, signInIdleSeconds } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildUser, publicUrl, signedInClient, startApi, type TestApi } from "../testing/index.ts";
import { pruneSignIns } from "./prune.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const password = "correct horse battery staple";
const cookieOf = (headers: Record<string, unknown>) => String(headers["set-cookie"]).split(";")[0] ?? "";
const login = (email: string, given = password, headers: Record<string, string> = {}) =>
  api.client.post("/api/auth/login", { email, password: given }, headers);
const auditOf = (action: string, userId: string) =>
  api.database.db.auditLog.findMany({ where: { action, userId } });

describe("signing in", () => {
  it("is needed for whatever is not open", async () => {
    for (const path of ["/api/auth/user", "/api/tokens", "/api/auth/sign-ins", "/api/sessions"]) {
      const answer = await api.client.get(path);
      expect([answer.status, answer.code], path).toEqual([401, "unauthenticated"]);
    }
  });

  it("by password sets a cookie that says who it is, and is on record", async () => {
    const user = await buildUser(api, { password });
    const answer = await login(user.email.toUpperCase());
    expect(answer.status).toBe(200);
    expect(answer.body.user).toEqual({
      id: user.id,
      email: user.email,
      name: user.name,
      role: "member",
      abilities: ["sessions.create"],
    });
    const header = String(answer.headers["set-cookie"]);
    expect(header).toMatch(/; HttpOnly/);
    expect(header).toMatch(/; SameSite=Lax/);
    expect(header).toMatch(/; Path=\//);
    expect(header).not.toMatch(/Secure/);
    const me = await api.client.get("/api/auth/user", { headers: { cookie: cookieOf(answer.headers) } });
    expect(me.body.user.id).toBe(user.id);
    expect(await auditOf("sign-in.succeeded", user.id)).toHaveLength(1);
    const stored = await api.database.db.signIn.findMany({ where: { userId: user.id } });
    expect(header).not.toContain(stored[0]?.hash);
  });

  it("refuses a wrong password and an unknown address with the same words", async () => {
    const user = await buildUser(api, { password });
    const wrong = await login(user.email, "wrong");
    const unknown = await login("nobody@example.org");
    const { requestId: _, ...first } = wrong.body.error;
    const { requestId: __, ...second } = unknown.body.error;
    expect(first).toEqual(second);
    expect(wrong.status).toBe(401);
    expect(wrong.headers["set-cookie"]).toBeUndefined();
    const failed = await api.database.db.auditLog.findMany({ where: { action: "sign-in.failed" } });
    expect(failed.map(({ target }) => target)).toContain(user.email);
    expect(
      JSON.stringify(failed, (_k, value) => (typeof value === "bigint" ? String(value) : value)),
    ).not.toContain("wrong");
  });

  it("refuses a disabled person and one without a password", async () => {
    const disabled = await buildUser(api, { password });
    await api.database.db.user.update({ where: { id: disabled.id }, data: { status: "disabled" } });
    const passwordless = await buildUser(api);
    expect((await login(disabled.email)).status).toBe(401);
    expect((await login(passwordless.email, "")).status).toBe(400);
    expect((await login(passwordless.email, "nobody's")).status).toBe(401);
  });

  it.each([
    ["nothing", undefined],
    ["a list", []],
    ["a number for an address", { email: 1, password }],
    ["no address at all", { email: "nonsense", password }],
    ["an unknown field", { email: "a@example.org", password, role: "admin" }],
    ["an endless password", { email: "a@example.org", password: "x".repeat(2000) }],
  ])("refuses %s", async (_, body) => {
    const answer = await api.client.post("/api/auth/login", body);
    expect([answer.status, answer.code]).toEqual([400, "bad_request"]);
  });

  it("slows a guesser down, but not the account's owner at an address of theirs", async () => {
    const user = await buildUser(api, { password });
    expect((await login(user.email, password, { "x-forwarded-for": "192.0.2.1" })).status).toBe(200);
    const statuses: number[] = [];
    for (let guesser = 1; guesser <= 24; guesser += 1) {
      const from = { "x-forwarded-for": `198.51.100.${guesser}` };
      statuses.push((await login(user.email, "guess", from)).status);
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    expect(statuses.at(-1)).toBe(429);
    const stranger = await login(user.email, password, { "x-forwarded-for": "203.0.113.9" });
    expect(stranger.code).toBe("rate_limited");
    expect(Number(stranger.headers["retry-after"])).toBeGreaterThan(0);
    expect((await login(user.email, password, { "x-forwarded-for": "192.0.2.1" })).status).toBe(200);
    api.clock.advance(15 * 60_000);
    expect((await login(user.email, password, { "x-forwarded-for": "203.0.113.9" })).status).toBe(200);
  });

  it("does not count what was right", async () => {
    const user = await buildUser(api, { password });
    const from = { "x-forwarded-for": "192.0.2.77" };
    for (let time = 0; time < 12; time += 1)
      expect((await login(user.email, password, from)).status).toBe(200);
  });
});

describe("a token with scopes", () => {
  const tokenOf = async (scopes: string[]) => {
    const { client } = await signedInClient(api);
    const { body } = await client.post("/api/tokens", { name: "limited", scopes });
    expect(body.token.scopes).toEqual(scopes);
    return api.client.with({ authorization: `Bearer ${body.secret}` });
  };

  it("does what they name, and reads what it may write", async () => {
    const reader = await tokenOf(["sessions:read"]);
    expect((await reader.get("/api/sessions")).status).toBe(200);
    const refused = await reader.post("/api/sessions", { name: "s" });
    expect([refused.status, refused.body.error.message]).toEqual([
      403,
      "This token lacks the scope sessions:write.",
    ]);
    expect((await (await tokenOf(["sessions:write"])).get("/api/sessions")).status).toBe(200);
    expect((await (await tokenOf(["files:read"])).get("/api/sessions")).status).toBe(403);
  });

  it("makes no token that is not limited, and changes nothing of the account", async () => {
    const limited = await tokenOf(["admin:write", "sessions:write"]);
    expect((await limited.get("/api/auth/user")).status).toBe(200);
    expect((await limited.post("/api/tokens", { name: "more" })).status).toBe(403);
    expect((await limited.get("/api/tokens")).status).toBe(403);
    expect((await limited.get("/api/auth/sign-ins")).status).toBe(403);
  });

  it("cannot be made with a scope that nobody knows", async () => {
    const { client } = await signedInClient(api);
    expect((await client.post("/api/tokens", { name: "x", scopes: ["everything"] })).code).toBe(
      "bad_request",
    );
  });
});

describe("a sign-in", () => {
  it("ends with logout, for every copy of the cookie", async () => {
    const { client } = await signedInClient(api);
    const answer = await client.post("/api/auth/logout");
    expect(answer.status).toBe(204);
    expect(String(answer.headers["set-cookie"])).toContain(`${signInCookieName(publicUrl)}=;`);
    expect((await client.get("/api/auth/user")).status).toBe(401);
    expect((await client.post("/api/auth/logout")).status).toBe(204);
  });

  it("counts no more once the person is disabled, and changes with their role at once", async () => {
    const { client, user } = await signedInClient(api);
    await api.database.db.user.update({ where: { id: user.id }, data: { role: "auditor" } });
    expect((await client.get("/api/auth/user")).body.user.abilities).toEqual(["audit.view"]);
    await api.database.db.user.update({ where: { id: user.id }, data: { status: "disabled" } });
    expect((await client.get("/api/auth/user")).status).toBe(401);
  });

  it("ends after the time without use, and each use renews it", async () => {
    const { client, user } = await signedInClient(api);
    api.clock.advance(50 * 60_000);
    expect((await client.get("/api/auth/user")).status).toBe(200);
    const [row] = await api.database.db.signIn.findMany({ where: { userId: user.id } });
    expect(row?.lastUsedAt).toEqual(api.clock.now());
    api.clock.advance((signInIdleSeconds - 60) * 1000);
    const renewed = await client.get("/api/auth/user");
    expect(renewed.status).toBe(200);
    expect(String(renewed.headers["set-cookie"])).toContain("Max-Age");
    api.clock.advance(signInIdleSeconds * 1000);
    expect((await client.get("/api/auth/user")).status).toBe(401);
  });

  it("is forgotten long after it ended", async () => {
    const old = await signedInClient(api);
    await old.client.post("/api/auth/logout");
    api.clock.advance(91 * 24 * 3_600_000);
    const fresh = await signedInClient(api, { user: old.user });
    await pruneSignIns(api.app.context);
    const rows = await api.database.db.signIn.findMany({ where: { userId: old.user.id } });
    expect(rows.map(({ id }) => id)).toEqual([fresh.signInId]);
  });

  it("is listed for its person alone and ends when they say so", async () => {
    const first = await signedInClient(api);
    const second = await signedInClient(api, { user: first.user });
    const stranger = await signedInClient(api);
    const { signIns } = (await first.client.get("/api/auth/sign-ins")).body;
    expect(signIns).toHaveLength(2);
    expect(signIns.find((signIn: { current: boolean }) => signIn.current).id).toBe(first.signInId);
    const path = `/api/auth/sign-ins/${second.signInId}`;
    expect((await stranger.client.delete(path)).code).toBe("not_found");
    expect((await first.client.delete(path)).status).toBe(204);
    expect((await first.client.delete(path)).code).toBe("not_found");
    expect((await second.client.get("/api/auth/user")).status).toBe(401);
    expect((await first.client.get("/api/auth/user")).status).toBe(200);
  });
});

describe("a personal access token", () => {
  const bearer = (secret: string) => api.client.with({ authorization: `Bearer ${secret}` });

  it("speaks for its owner until it is revoked, and its text is shown once", async () => {
    const { client, user } = await signedInClient(api);
    const made = await client.post("/api/tokens", { name: "laptop" });
    expect(made.status).toBe(201);
    const { secret, token } = made.body;
    expect(secret.startsWith(token.prefix)).toBe(true);
    expect((await bearer(secret).get("/api/auth/user")).body.user.id).toBe(user.id);
    const listed = await client.get("/api/tokens");
    expect(listed.body.tokens).toHaveLength(1);
    expect(listed.body.tokens[0].lastUsedAt).not.toBeNull();
    expect(listed.text).not.toContain(secret);
    expect((await client.delete(`/api/tokens/${token.id}`)).status).toBe(204);
    expect((await bearer(secret).get("/api/auth/user")).status).toBe(401);
    expect((await client.delete(`/api/tokens/${token.id}`)).code).toBe("not_found");
    expect(await auditOf("token.created", user.id)).toHaveLength(1);
    expect(await auditOf("token.revoked", user.id)).toHaveLength(1);
  });

  it("of somebody else cannot be revoked", async () => {
    const { client } = await signedInClient(api);
    const { token, secret } = (await client.post("/api/tokens", { name: "mine" })).body;
    const stranger = await signedInClient(api);
    expect((await stranger.client.delete(`/api/tokens/${token.id}`)).code).toBe("not_found");
    expect((await bearer(secret).get("/api/auth/user")).status).toBe(200);
  });

  it("expires, and ends with its owner", async () => {
    const { client, user } = await signedInClient(api);
    const short = (await client.post("/api/tokens", { name: "short", expiresInDays: 1 })).body.secret;
    const long = (await client.post("/api/tokens", { name: "long" })).body.secret;
    api.clock.advance(25 * 3_600_000);
    expect((await bearer(short).get("/api/auth/user")).status).toBe(401);
    expect((await bearer(long).get("/api/auth/user")).status).toBe(200);
    await api.database.db.user.update({ where: { id: user.id }, data: { status: "disabled" } });
    expect((await bearer(long).get("/api/auth/user")).status).toBe(401);
  });

  it("is all that counts where it is sent, also beside a good cookie", async () => {
    const { client } = await signedInClient(api);
    for (const authorization of ["Bearer rcl_wrong", "Bearer ", "Basic YTpi", "rcl_wrong"]) {
      expect((await client.with({ authorization }).get("/api/auth/user")).status, authorization).toBe(401);
    }
  });

  it.each([[{}], [{ name: "" }], [{ name: "a", expiresInDays: 0 }], [{ name: "a", scopes: ["all"] }]])(
    "is not made of %j",
    async (body) => {
      const { client } = await signedInClient(api);
      expect((await client.post("/api/tokens", body)).code).toBe("bad_request");
    },
  );
});

describe("requests from another site's page", () => {
  const ways: [string, Record<string, string>, boolean][] = [
    ["our own origin", { origin: publicUrl }, true],
    ["no browser at all", {}, true],
    ["a browser's own navigation", { "sec-fetch-site": "same-origin" }, true],
    ["another origin", { origin: "http://evil.test" }, false],
    ["an origin that only begins like ours", { origin: `${publicUrl}.evil.test` }, false],
    ["an opaque origin", { origin: "null" }, false],
    ["another port", { origin: `${publicUrl}:8080` }, false],
    ["a cross-site request without an origin", { "sec-fetch-site": "cross-site" }, false],
    ["a same-site request without an origin", { "sec-fetch-site": "same-site" }, false],
  ];
  it.each(ways)("from %s change something only if they are ours", async (_, headers, allowed) => {
    const { client } = await signedInClient(api);
    const made = await client.post("/api/tokens", { name: "token" }, headers);
    expect(made.status).toBe(allowed ? 201 : 403);
    const user = await buildUser(api, { password });
    expect((await login(user.email, password, headers)).status).toBe(allowed ? 200 : 403);
  });

  it("carry no token of the person, so a token may come from anywhere", async () => {
    const { client } = await signedInClient(api);
    const { secret } = (await client.post("/api/tokens", { name: "token" })).body;
    const foreign = api.client.with({ authorization: `Bearer ${secret}`, origin: "http://evil.test" });
    expect((await foreign.post("/api/tokens", { name: "another" })).status).toBe(201);
  });
});

describe("ALLOWED_DOMAINS", () => {
  it("lets in who has such an address and the admin of the settings, and tells others why not", async () => {
    const env = { ALLOWED_DOMAINS: "Example.com, @example.net", ADMIN_EMAIL: "root@elsewhere.org" };
    const narrow = await startApi({ env: { ...env, ADMIN_PASSWORD: password } });
    try {
      const enter = async (email: string, given = password) =>
        (await narrow.client.post("/api/auth/login", { email, password: given })).code;
      const outside = await buildUser(narrow, { password });
      expect(await enter(outside.email)).toBe("forbidden");
      expect(await enter(outside.email, "not the password")).toBe("unauthenticated");
      expect(await enter("root@elsewhere.org")).toBeNull();
      const { db } = narrow.database;
      const move = (email: string) => db.user.update({ where: { id: outside.id }, data: { email } });
      await move("someone@sub.example.com");
      expect(await enter("someone@sub.example.com")).toBe("forbidden");
      await move("someone@example.net");
      expect(await enter("someone@example.net")).toBeNull();
      const [refused] = await db.auditLog.findMany({ where: { result: "refused" } });
      expect(refused).toMatchObject({ action: "sign-in.failed", userId: outside.id });
    } finally {
      await narrow.stop();
    }
  });

  it("holds for a one-time link too, and leaves the link unused", async () => {
    const admin = { ADMIN_EMAIL: "root@elsewhere.org", ADMIN_PASSWORD: password };
    const narrow = await startApi({ env: { ALLOWED_DOMAINS: "example.com", ...admin } });
    try {
      const { token } = (await narrow.internal().post("/internal/sign-in-links", {})).body;
      const { db } = narrow.database;
      const { userId } = await db.signInLink.findFirstOrThrow();
      const enter = () =>
        narrow.internal().post("/internal/sign-ins", {
          proof: { kind: "link", token },
          address: "192.0.2.7",
          userAgent: null,
        });
      // The first admin of the settings is let in anyway; this is somebody else now.
      await db.user.update({ where: { id: userId }, data: { email: "someone@elsewhere.org" } });
      expect(await enter()).toMatchObject({ status: 403, code: "forbidden" });
      expect(await db.signInLink.findFirstOrThrow()).toMatchObject({ usedAt: null });
      expect(await db.auditLog.findMany({ where: { result: "refused" } })).toMatchObject([
        { action: "sign-in.failed", userId, address: "192.0.2.7", details: { method: "link" } },
      ]);
      await db.user.update({ where: { id: userId }, data: { email: "someone@example.com" } });
      expect((await enter()).status).toBe(200);
    } finally {
      await narrow.stop();
    }
  });
});
