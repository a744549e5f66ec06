import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { publicUrl, signedInClient, startApi, type TestApi } from "../testing/index.ts";

let provider: Server;
let url: string;
let api: TestApi;
/** What the provider says of itself; a text is answered with status 500. */
let discovery: object | string;

beforeAll(async () => {
  provider = createServer(({ url: path }, response) => {
    if (path !== "/.well-known/openid-configuration") return response.writeHead(404).end();
    if (typeof discovery === "string") return response.writeHead(500).end(discovery);
    return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(discovery));
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  api = await startApi({
    env: {
      OIDC_ISSUER: url,
      OIDC_CLIENT_ID: "remote-claude",
      OIDC_CLIENT_SECRET: "a secret of the provider",
    },
  });
});
beforeEach(() => {
  discovery = { issuer: url, end_session_endpoint: `${url}/end?tenant=1` };
});
afterAll(async () => {
  await api?.stop();
  provider?.close();
});

async function signedInBy(providerId: string, idToken: string | null) {
  const identity = {
    provider: providerId,
    subject: "ada",
    email: "ada@example.org",
    emailVerified: true,
    name: "Ada",
    groups: null,
  };
  const { body } = await api.internal().post("/internal/sign-ins", {
    proof: { kind: "identity", identity, idToken },
    userAgent: null,
    address: "192.0.2.9",
  });
  return api.client.with({ cookie: `remote-claude.sign-in=${body.signInId}` });
}
const signOutUrl = async (idToken: string | null = "the.id.token") =>
  (await (await signedInBy("oidc", idToken)).get("/api/auth/provider-sign-out")).body.url;

describe("sign-out at a provider of OpenID Connect", () => {
  it("is nothing for who has not signed in, nor for who came another way", async () => {
    expect((await api.client.get("/api/auth/provider-sign-out")).code).toBe("unauthenticated");
    const { client } = await signedInClient(api);
    expect((await client.get("/api/auth/provider-sign-out")).body).toEqual({ url: null });
  });

  it("leads to where the provider ends sessions, with the id token, and back to the sign-in page", async () => {
    const found = new URL(await signOutUrl());
    expect(found.origin + found.pathname).toBe(`${url}/end`);
    expect(Object.fromEntries(found.searchParams)).toEqual({
      tenant: "1",
      id_token_hint: "the.id.token",
      client_id: "remote-claude",
      post_logout_redirect_uri: `${publicUrl}/sign-in`,
    });
  });

  it("keeps the id token sealed, and asks nobody where there is none", async () => {
    const client = await signedInBy("oidc", "the.id.token");
    const rows = await api.database.db.signIn.findMany({ where: { providerSession: { not: null } } });
    for (const { providerSession } of rows) {
      expect(Buffer.from(providerSession ?? []).toString("latin1")).not.toContain("the.id.token");
    }
    expect((await client.get("/api/auth/provider-sign-out")).status).toBe(200);
    expect(await signOutUrl(null)).toBeNull();
  });

  it.each<[string, () => object | string]>([
    ["says nothing of it", () => ({ issuer: url })],
    ["is somebody else", () => ({ issuer: "https://evil.example", end_session_endpoint: `${url}/end` })],
    ["leads to a script", () => ({ issuer: url, end_session_endpoint: "javascript:alert(1)" })],
    ["leads nowhere", () => ({ issuer: url, end_session_endpoint: "over there" })],
    ["does not work", () => "out of order"],
  ])("is left out when the provider %s", async (_, says) => {
    discovery = says();
    expect(await signOutUrl()).toBeNull();
  });
});
