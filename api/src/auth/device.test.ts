import { deviceGrantType } from "@remote-claude/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiClient, signedInClient, startApi, type TestApi } from "../testing/index.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

let device = 0;
const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  api.client.post(path, new URLSearchParams(fields).toString(), {
    "content-type": "application/x-www-form-urlencoded",
    "x-forwarded-for": `192.0.2.${device}`,
    ...headers,
  });
const begin = (fields: Record<string, string> = {}) => {
  device += 1;
  return form("/api/oauth/device", { client_id: "rclaude", ...fields });
};
const poll = (device_code: string) =>
  form("/api/oauth/token", { grant_type: deviceGrantType, device_code, client_id: "rclaude" });
const answer = (client: ApiClient, code: string, decision: string) =>
  client.post(`/api/oauth/devices/${code}`, { decision });

describe("a device", () => {
  it("gets a token with its scopes, once its person has said yes", async () => {
    const { client, user } = await signedInClient(api);
    const begun = await begin({ scope: "sessions:read files:read" });
    expect(begun.body).toMatchObject({
      user_code: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/),
      verification_uri: "http://claude.test/device",
      expires_in: 600,
      interval: 5,
    });
    expect((await poll(begun.body.device_code)).body).toEqual({ error: "authorization_pending" });
    expect((await poll(begun.body.device_code)).body).toEqual({ error: "slow_down" });
    const typed = begun.body.user_code.toLowerCase().replace("-", "");
    expect((await client.get(`/api/oauth/devices/${typed}`)).body).toMatchObject({
      clientName: "rclaude",
      scopes: ["sessions:read", "files:read"],
    });
    expect((await answer(client, typed, "approve")).status).toBe(204);
    const { status, body } = await poll(begun.body.device_code);
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: "Bearer", scope: "sessions:read files:read" });
    const bearer = api.client.with({ authorization: `Bearer ${body.access_token}` });
    expect((await bearer.get("/api/auth/user")).body.user.id).toBe(user.id);
    expect((await bearer.post("/api/sessions", { name: "s" })).status).toBe(403);
    expect((await poll(begun.body.device_code)).body).toEqual({ error: "invalid_grant" });
    const listed = await client.get("/api/tokens");
    expect(listed.body.tokens).toMatchObject([{ name: "rclaude (device)" }]);
  });

  it("without scopes may do what is done in sessions, and nothing of the organisation", async () => {
    const { client } = await signedInClient(api, { role: "admin" });
    const { body } = await begin();
    await answer(client, body.user_code, "approve");
    const token = (await poll(body.device_code)).body;
    const bearer = api.client.with({ authorization: `Bearer ${token.access_token}` });
    expect((await bearer.get("/api/sessions")).status).toBe(200);
    expect((await bearer.get("/api/invitations")).status).toBe(403);
    expect((await bearer.post("/api/tokens", { name: "x" })).status).toBe(403);
  });

  it("gets nothing when its person says no, says nothing in time, or is disabled", async () => {
    const { client, user } = await signedInClient(api);
    const denied = (await begin()).body;
    await answer(client, denied.user_code, "deny");
    expect((await poll(denied.device_code)).body).toEqual({ error: "access_denied" });
    const late = (await begin()).body;
    const disabled = (await begin()).body;
    await answer(client, disabled.user_code, "approve");
    await api.database.db.user.update({ where: { id: user.id }, data: { status: "disabled" } });
    expect((await poll(disabled.device_code)).body).toEqual({ error: "invalid_grant" });
    api.clock.advance(601_000);
    expect((await poll(late.device_code)).body).toEqual({ error: "expired_token" });
    const { client: other } = await signedInClient(api);
    expect((await other.get(`/api/oauth/devices/${late.user_code}`)).status).toBe(404);
  });

  it("gets one token, however often it asks at once", async () => {
    const { client } = await signedInClient(api);
    const { body } = await begin();
    await answer(client, body.user_code, "approve");
    const answers = await Promise.all([1, 2, 3].map(() => poll(body.device_code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  });

  it.each([
    [{ client_id: "" }, "invalid_request"],
    [{ client_id: "<script>" }, "invalid_request"],
    [{ scope: "everything" }, "invalid_scope"],
  ])("is refused with %j", async (fields, error) => {
    const refused = await begin(fields);
    expect([refused.status, refused.body]).toEqual([400, { error }]);
  });

  it("is refused another kind of grant", async () => {
    const refused = await form("/api/oauth/token", { grant_type: "password" });
    expect(refused.body).toEqual({ error: "unsupported_grant_type" });
  });

  it("is not found by guessing", async () => {
    const { client } = await signedInClient(api);
    const statuses: number[] = [];
    for (let guess = 0; guess < 9; guess += 1) {
      statuses.push((await client.get("/api/oauth/devices/BBBBBBBB")).status);
    }
    expect(statuses.at(-1)).toBe(429);
  });

  it("is answered by nobody who is not signed in, nor by a limited token", async () => {
    const { body } = await begin();
    expect((await api.client.get(`/api/oauth/devices/${body.user_code}`)).status).toBe(401);
    expect((await answer(api.client, body.user_code, "approve")).status).toBe(401);
    const { client } = await signedInClient(api);
    const limited = (await client.post("/api/tokens", { name: "t", scopes: ["admin:write"] })).body.secret;
    const bearer = api.client.with({ authorization: `Bearer ${limited}` });
    expect((await answer(bearer, body.user_code, "approve")).status).toBe(403);
  });
});
