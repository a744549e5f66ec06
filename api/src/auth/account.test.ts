import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildUser, connectSocket, signedInClient, startApi, type TestApi } from "../testing/index.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const password = "correct horse battery staple";
const login = (email: string, more: object = {}) =>
  api.client.post("/api/auth/login", { email, password, ...more });
const someone = async () => {
  const user = await buildUser(api, { password });
  return signedInClient(api, { user });
};
const codeOf = (secret: string, ms = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: api.clock.now().getTime() + ms });

/** Somebody with an authenticator app. */
async function withApp() {
  const one = await someone();
  const { secret, uri } = (await one.client.post("/api/auth/second-factor")).body;
  expect(uri).toContain(`secret=${secret}`);
  const confirmed = await one.client.post("/api/auth/second-factor/confirm", { code: codeOf(secret) });
  api.clock.advance(90_000);
  return { ...one, secret: String(secret), recoveryCodes: confirmed.body.recoveryCodes as string[] };
}

describe("a second factor", () => {
  it("is asked for after the password, and nobody learns of it before", async () => {
    const { user, secret } = await withApp();
    const asked = await login(user.email);
    expect(asked.status).toBe(401);
    expect(asked.body.error).toMatchObject({ details: { secondFactor: true } });
    expect((await login(user.email, { password: "wrong" })).body.error.details).toBeUndefined();
    expect((await login(user.email, { secondFactor: "000000" })).status).toBe(401);
    expect((await login(user.email, { secondFactor: codeOf(secret) })).status).toBe(200);
  });

  it("takes each code once, also of two at once, and those of a clock that is a little off", async () => {
    const { user, secret } = await withApp();
    const code = codeOf(secret);
    const both = await Promise.all([
      login(user.email, { secondFactor: code }),
      login(user.email, { secondFactor: code }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await login(user.email, { secondFactor: codeOf(secret, 30_000) })).status).toBe(200);
    expect((await login(user.email, { secondFactor: codeOf(secret, 120_000) })).status).toBe(401);
  });

  it("has recovery codes that count once each, however they are typed", async () => {
    const { user, client, recoveryCodes } = await withApp();
    expect(recoveryCodes).toHaveLength(10);
    const typed = recoveryCodes[0]?.toUpperCase().replaceAll("-", " ") ?? "";
    expect((await login(user.email, { secondFactor: typed })).status).toBe(200);
    expect((await login(user.email, { secondFactor: typed })).status).toBe(401);
    expect((await client.get("/api/auth/security")).body).toEqual({
      password: true,
      secondFactor: true,
      recoveryCodesLeft: 9,
    });
    const made = await client.post("/api/auth/second-factor/recovery-codes", { password });
    expect((await login(user.email, { secondFactor: recoveryCodes[1] ?? "" })).status).toBe(401);
    expect((await login(user.email, { secondFactor: made.body.recoveryCodes[1] })).status).toBe(200);
  });

  it("is on only once a code was right, and off only with the password", async () => {
    const { user, client } = await someone();
    const { body } = await client.post("/api/auth/second-factor");
    expect((await client.post("/api/auth/second-factor/confirm", { code: "000000" })).status).toBe(400);
    expect((await login(user.email)).status).toBe(200);
    await client.post("/api/auth/second-factor/confirm", { code: codeOf(body.secret) });
    expect((await client.post("/api/auth/second-factor")).code).toBe("conflict");
    expect((await client.post("/api/auth/second-factor/disable", { password: "wrong" })).status).toBe(403);
    expect((await login(user.email)).status).toBe(401);
    expect((await client.post("/api/auth/second-factor/disable", { password })).status).toBe(204);
    expect((await login(user.email)).status).toBe(200);
  });

  it("is sealed in the database, and not for accounts without a password", async () => {
    const { user, secret } = await withApp();
    const row = await api.database.db.user.findUniqueOrThrow({ where: { id: user.id } });
    expect(Buffer.from(row.totpSecret ?? []).toString("latin1")).not.toContain(secret);
    const { client } = await signedInClient(api);
    expect((await client.post("/api/auth/second-factor")).code).toBe("conflict");
  });

  it("stops who guesses codes with the right password", async () => {
    const { user } = await withApp();
    const statuses: number[] = [];
    for (let guess = 0; guess < 10; guess += 1) {
      statuses.push((await login(user.email, { secondFactor: String(guess).padStart(6, "0") })).status);
    }
    expect(statuses.at(-1)).toBe(429);
    api.clock.advance(20 * 60_000);
  });
});

describe("a password", () => {
  it("is changed by who knows it, and ends every other sign-in", async () => {
    const { user, client } = await someone();
    const other = await signedInClient(api, { user });
    const live = await connectSocket(api, { cookie: other.cookie });
    const closed = new Promise((resolve) => live.socket.once("disconnect", resolve));
    const next = "another long password";
    const change = (current: string, to: string) =>
      client.post("/api/auth/password", { current, password: to });
    expect((await change("wrong", next)).status).toBe(403);
    expect((await change(password, "short")).status).toBe(400);
    expect((await change(password, next)).status).toBe(204);
    await closed;
    expect((await other.client.get("/api/auth/user")).status).toBe(401);
    expect((await client.get("/api/auth/user")).status).toBe(200);
    expect((await login(user.email)).status).toBe(401);
    expect((await login(user.email, { password: next })).status).toBe(200);
  });
});

describe("sign-ins", () => {
  it("end all at once, but for this one and other people's", async () => {
    const { user, client } = await someone();
    const others = [await signedInClient(api, { user }), await signedInClient(api, { user })];
    const stranger = await signedInClient(api);
    expect((await client.delete("/api/auth/sign-ins")).status).toBe(204);
    for (const other of others) expect((await other.client.get("/api/auth/user")).status).toBe(401);
    expect((await client.get("/api/auth/user")).status).toBe(200);
    expect((await stranger.client.get("/api/auth/user")).status).toBe(200);
  });
});
