import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connectSocket, signedInClient, startApi, type TestApi } from "../testing/index.ts";

const secret = "a secret of the provider that is long enough";
const event = "http://schemas.openid.net/event/backchannel-logout";

let server: Server;
let issuer: string;
let api: TestApi;
let key: CryptoKey;
let stranger: CryptoKey;

beforeAll(async () => {
  const pair = await generateKeyPair("RS256");
  key = pair.privateKey;
  stranger = (await generateKeyPair("RS256")).privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: "k", alg: "RS256", use: "sig" };
  server = createServer((request, response) => {
    const isDiscovery = request.url?.endsWith("/openid-configuration");
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(isDiscovery ? { issuer, jwks_uri: `${issuer}/keys` } : { keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  api = await startApi({
    env: { OIDC_ISSUER: `${issuer}/`, OIDC_CLIENT_ID: "remote-claude", OIDC_CLIENT_SECRET: secret },
  });
});
afterAll(async () => {
  await api?.stop();
  server?.close();
});

let count = 0;
const seconds = () => Math.floor(api.clock.now().getTime() / 1000);
const claims = (more: Record<string, unknown>): JWTPayload => {
  count += 1;
  return {
    iss: issuer,
    aud: "remote-claude",
    iat: seconds(),
    exp: seconds() + 120,
    jti: `j-${count}`,
    events: { [event]: {} },
    ...more,
  };
};
const sign = (payload: JWTPayload, by = key, header = {}) =>
  new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: "k", typ: "logout+jwt", ...header }).sign(by);

const send = (token: string, provider = "oidc") =>
  api.client.post(
    `/api/auth/oidc/${provider}/backchannel-logout`,
    new URLSearchParams({ logout_token: token }).toString(),
    { "content-type": "application/x-www-form-urlencoded" },
  );

/** Somebody who signed in by the provider, in a session of it. */
async function signedIn(subject: string, sid: string | null) {
  // What web hands on it has checked.
  const idToken = await sign({ sub: subject, ...(sid === null ? {} : { sid }) });
  const { body } = await api.internal().post("/internal/sign-ins", {
    proof: {
      kind: "identity",
      identity: {
        provider: "oidc",
        subject,
        email: `${subject}@example.org`,
        emailVerified: true,
        name: null,
        groups: null,
      },
      idToken,
    },
    userAgent: null,
    address: "192.0.2.9",
  });
  const cookie = `remote-claude.sign-in=${body.signInId}`;
  const client = api.client.with({ cookie });
  const isIn = async () => (await client.get("/api/auth/user")).status === 200;
  return { user: body.user as { id: string }, cookie, isIn };
}
const lastRefusal = async () => {
  const row = await api.database.db.auditLog.findFirst({
    where: { action: "sign-in.failed" },
    orderBy: { id: "desc" },
  });
  return (row?.details as { reason?: string } | undefined)?.reason ?? "";
};

describe("a provider that says who signed out there", () => {
  it("ends the sign-ins of that session alone, and closes their sockets", async () => {
    const [one, other] = [await signedIn("ada", "s-1"), await signedIn("ada", "s-2")];
    const socket = await connectSocket(api, { cookie: one.cookie });
    const answer = await send(await sign(claims({ sid: "s-1" })));
    expect([answer.status, answer.headers["cache-control"]]).toEqual([200, "no-store"]);
    await vi.waitFor(() => expect(socket.socket.connected).toBe(false));
    expect([await one.isIn(), await other.isIn()]).toEqual([false, true]);
    const row = await api.database.db.auditLog.findFirst({
      where: { action: "sign-in.ended", userId: one.user.id },
    });
    expect(row?.details).toMatchObject({ by: "oidc" });
  });

  it("ends all that a person has by it, and nothing that they have otherwise, nor anybody else's", async () => {
    const all = [await signedIn("grace", "s-3"), await signedIn("grace", null)];
    const somebody = await signedIn("mary", "s-4");
    const user = await api.database.db.user.findUniqueOrThrow({ where: { email: "grace@example.org" } });
    const otherwise = await signedInClient(api, { user });
    expect((await send(await sign(claims({ sub: "grace" })))).status).toBe(200);
    for (const one of all) expect(await one.isIn()).toBe(false);
    expect(await somebody.isIn()).toBe(true);
    expect((await otherwise.client.get("/api/auth/user")).status).toBe(200);
  });

  it("means the session of that person where it names both", async () => {
    const [one, other, unknown] = [
      await signedIn("joan", "s-5"),
      await signedIn("joan", "s-6"),
      await signedIn("joan", null),
    ];
    const somebody = await signedIn("jean", "s-5");
    expect((await send(await sign(claims({ sub: "joan", sid: "s-5" })))).status).toBe(200);
    expect([await one.isIn(), await other.isIn(), await unknown.isIn()]).toEqual([false, true, false]);
    expect(await somebody.isIn()).toBe(true);
  });

  it("may speak of somebody who is not here, and write no type", async () => {
    expect((await send(await sign(claims({ sub: "nobody" })))).status).toBe(200);
    expect((await send(await sign(claims({ sid: "nothing" }), key, { typ: "JWT" }))).status).toBe(200);
  });

  it("is believed once, whether it says so at once or later", async () => {
    const token = await sign(claims({ sub: "once" }));
    const answers = await Promise.all([send(token), send(token), send(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect((await send(token)).status).toBe(400);
    expect(await lastRefusal()).toMatch(/used before/);
  });

  const wrong: [string, () => Promise<string> | string, RegExp][] = [
    ["is none", () => "x.y.z", /./],
    ["is not signed", () => new UnsecuredJWT(claims({ sub: "eve" })).encode(), /./],
    ["is signed by another", () => sign(claims({ sub: "eve" }), stranger), /signature/],
    [
      "is signed with the client's secret",
      () =>
        new SignJWT(claims({ sub: "eve" }))
          .setProtectedHeader({ alg: "HS256", typ: "logout+jwt" })
          .sign(new TextEncoder().encode(secret)),
      /alg/,
    ],
    ["is of another issuer", () => sign(claims({ sub: "eve", iss: "https://evil.test" })), /iss/],
    ["is for another client", () => sign(claims({ sub: "eve", aud: "another" })), /aud/],
    ["has ended", () => sign(claims({ sub: "eve", exp: seconds() - 120 })), /exp/],
    ["is of long ago", () => sign(claims({ sub: "eve", iat: seconds() - 1200 })), /iat/],
    ["is from the future", () => sign(claims({ sub: "eve", iat: seconds() + 1200 })), /iat/],
    ["says no time", () => sign(claims({ sub: "eve", iat: undefined })), /iat/],
    ["has no end", () => sign(claims({ sub: "eve", exp: undefined })), /exp/],
    ["has no id", () => sign(claims({ sub: "eve", jti: undefined })), /jti/],
    ["is of no event", () => sign(claims({ sub: "eve", events: undefined })), /events/],
    ["is of another event", () => sign(claims({ sub: "eve", events: { "urn:other": {} } })), /claim/],
    ["is of an event in a word", () => sign(claims({ sub: "eve", events: { [event]: "yes" } })), /claim/],
    ["has a nonce, as an id token has", () => sign(claims({ sub: "eve", nonce: "n" })), /claim/],
    ["is of another type", () => sign(claims({ sub: "eve" }), key, { typ: "at+jwt" }), /at\+jwt/],
    ["names nobody and nothing", () => sign(claims({})), /claim/],
  ];

  it.each(wrong)("is not believed when its token %s, on record", async (_, make, words) => {
    const person = await signedIn("eve", "s-eve");
    const answer = await send(await make());
    expect([answer.status, answer.code]).toEqual([400, "bad_request"]);
    expect(await lastRefusal()).toMatch(words);
    expect(await person.isIn()).toBe(true);
    // Failures of one address are limited.
    api.clock.advance(60_000);
  });

  it("is not found where there is no such provider, and says nothing without a token", async () => {
    expect((await send(await sign(claims({ sub: "eve" })), "other")).code).toBe("not_found");
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await api.client.post("/api/auth/oidc/oidc/backchannel-logout", "x=y", headers)).code).toBe(
      "bad_request",
    );
  });
});
