import { deviceGrantType } from "@remote-claude/protocol";
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
    const failed = await api.database.db.auditLog.findMany({
      where: { action: "sign-in.failed", target: user.email },
      orderBy: { at: "asc" },
    });
    expect(failed.map(({ details }) => details)).toMatchObject([
      { method: "password" },
      { method: "second-factor" },
    ]);
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

  it("stops who guesses codes with the right password, wherever they come from", async () => {
    const { user, secret } = await withApp();
    const from = (address: string, secondFactor: string) =>
      api.client
        .with({ "x-forwarded-for": address })
        .post("/api/auth/login", { email: user.email, password, secondFactor });
    expect((await from("198.51.100.1", codeOf(secret))).status).toBe(200);
    api.clock.advance(90_000);
    const statuses: number[] = [];
    for (let guess = 0; guess < 18; guess += 1) {
      const address = `198.51.100.${10 + Math.floor(guess / 6)}`;
      statuses.push((await from(address, String(guess).padStart(6, "0"))).status);
    }
    // Five of one address, ten of all that are not the owner's.
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect([statuses[5], statuses.at(-1)]).toEqual([429, 429]);
    expect((await from("198.51.100.99", codeOf(secret))).status).toBe(429);
    expect((await from("198.51.100.1", codeOf(secret))).status).toBe(200);
    api.clock.advance(60 * 60_000);
  });

  it("is not locked by who does not know the password", async () => {
    const { user, secret } = await withApp();
    for (let guess = 0; guess < 12; guess += 1) {
      const client = api.client.with({ "x-forwarded-for": `198.51.101.${guess}` });
      const tried = { email: user.email, password: "wrong", secondFactor: "000000" };
      expect((await client.post("/api/auth/login", tried)).status).toBe(401);
    }
    const away = api.client.with({ "x-forwarded-for": "198.51.101.200" });
    const right = { email: user.email, password, secondFactor: codeOf(secret) };
    expect((await away.post("/api/auth/login", right)).status).toBe(200);
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

describe("tokens", () => {
  /** A personal one, one of a device, and a device that was allowed one and has not fetched it. */
  async function withTokens() {
    const one = await someone();
    const personal = (await one.client.post("/api/tokens", { name: "script" })).body.secret;
    const allow = async () => {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const begun = (await api.client.post("/api/oauth/device", "client_id=rclaude", headers)).body;
      await one.client.post(`/api/oauth/devices/${begun.user_code}`, { decision: "approve" });
      const form = new URLSearchParams({ grant_type: deviceGrantType, device_code: begun.device_code });
      return async () => (await api.client.post("/api/oauth/token", form.toString(), headers)).body;
    };
    const device = (await (await allow())()).access_token;
    const fetchLate = await allow();
    const counts = async (token: string) =>
      (await api.client.with({ authorization: `Bearer ${token}` }).get("/api/auth/user")).status === 200;
    return {
      ...one,
      personal,
      device,
      fetchLate,
      both: async () => [await counts(personal), await counts(device)],
    };
  }

  it("of devices end with the password, at once, and personal ones if one wishes", async () => {
    const { client, personal, device, both, fetchLate } = await withTokens();
    expect(await both()).toEqual([true, true]);
    const live = await connectSocket(api, {}, { token: device });
    const closed = new Promise((resolve) => live.socket.once("disconnect", resolve));
    const next = "another long password";
    expect((await client.post("/api/auth/password", { current: password, password: next })).status).toBe(204);
    await closed;
    expect(await both()).toEqual([true, false]);
    expect(await fetchLate()).toEqual({ error: "access_denied" });
    const body = { current: next, password, revokeTokens: true };
    expect(
      (await api.client.with({ authorization: `Bearer ${personal}` }).post("/api/auth/password", body))
        .status,
    ).toBe(204);
    // The one that asks goes on, as a browser does that asks.
    expect(await both()).toEqual([true, false]);
    expect((await client.get("/api/auth/user")).status).toBe(401);
  });

  it("end with all other sign-ins, those of devices, and personal ones if one wishes", async () => {
    const { client, user, both } = await withTokens();
    expect((await client.delete("/api/auth/sign-ins")).status).toBe(204);
    expect(await both()).toEqual([true, false]);
    expect((await client.delete("/api/auth/sign-ins?tokens=revoke")).status).toBe(204);
    expect(await both()).toEqual([false, false]);
    const recorded = await api.database.db.auditLog.findMany({
      where: { userId: user.id, action: "token.revoked" },
      orderBy: { id: "asc" },
    });
    expect(recorded.map(({ target }) => target)).toEqual(["rclaude (device)", "script"]);
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
