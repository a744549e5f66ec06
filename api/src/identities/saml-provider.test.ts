import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { publicUrl, signedInClient, startApi, type TestApi } from "../testing/index.ts";
import { idpCertificate, idpKey, spCertificate, spKey } from "./testing/certificates.ts";
import { idpIssuer, requestIdOf, samlAnswerOf } from "./testing/saml-idp.ts";
import { samlMetadataOf } from "./testing/saml-metadata.ts";

let server: Server;
let url: string;
/** What the address answers, and how often it was asked. */
let answer: { status: number; text: string; location?: string };
let asked = 0;

beforeAll(async () => {
  server = createServer((_, response) => {
    asked += 1;
    response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location });
    response.end(answer.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`;
});
afterAll(() => server.close());

const running: TestApi[] = [];
afterEach(async () => {
  for (const api of running.splice(0)) await api.stop();
});
async function start(): Promise<TestApi> {
  const api = await startApi({ env: { SAML_METADATA_URL: url, SAML_EMAIL_ATTRIBUTE: "email" } });
  running.push(api);
  return api;
}

const good = () => ({ status: 200, text: samlMetadataOf({}) });
const begin = (api: TestApi) => api.client.get("/api/auth/saml/login?callbackUrl=/");

/** Whether an answer is taken that was signed with this key. */
async function isTaken(api: TestApi, key: string): Promise<boolean> {
  const requestId = requestIdOf(String((await begin(api)).headers.location));
  const response = await samlAnswerOf({
    requestId,
    acs: `${publicUrl}/api/auth/saml/acs`,
    audience: `${publicUrl}/api/auth/saml/metadata`,
    issuer: idpIssuer,
    attributes: { email: ["ada@example.org"] },
    key,
  });
  const form = new URLSearchParams({ SAMLResponse: response }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { headers: answered } = await api.client.post("/api/auth/saml/acs", form, headers);
  return String(answered.location).includes("/sign-in/code?");
}

describe("an identity provider that describes itself at an address", () => {
  it("is asked when it is needed, and then once an hour", async () => {
    answer = good();
    const api = await start();
    asked = 0;
    expect((await api.client.get("/api/auth/saml/metadata")).status).toBe(200);
    expect(asked).toBe(0);
    const all = await Promise.all([begin(api), begin(api), begin(api)]);
    for (const one of all) expect(one.headers.location).toMatch(/^https:\/\/idp\.test\/sso\?/);
    await begin(api);
    expect(asked).toBe(1);
    api.clock.advance(3_600_000);
    answer = { status: 200, text: samlMetadataOf({ signIn: "https://idp.test/new" }) };
    expect((await begin(api)).headers.location).toMatch(/^https:\/\/idp\.test\/new\?/);
    expect(asked).toBe(2);
  });

  it("may change its certificate: both count, then the new one alone", async () => {
    answer = good();
    const api = await start();
    expect(await isTaken(api, idpKey)).toBe(true);
    expect(await isTaken(api, spKey)).toBe(false);
    answer.text = samlMetadataOf({ certificates: [idpCertificate, spCertificate] });
    api.clock.advance(3_600_000);
    expect([await isTaken(api, idpKey), await isTaken(api, spKey)]).toEqual([true, true]);
    answer.text = samlMetadataOf({ certificates: [spCertificate] });
    api.clock.advance(3_600_000);
    expect([await isTaken(api, idpKey), await isTaken(api, spKey)]).toEqual([false, true]);
  });

  it("goes on as it was while the address fails, but not for ever, and is asked seldom meanwhile", async () => {
    answer = good();
    const api = await start();
    await begin(api);
    answer = { status: 500, text: "" };
    api.clock.advance(3_600_000);
    asked = 0;
    expect((await begin(api)).status).toBe(303);
    expect((await begin(api)).status).toBe(303);
    expect(asked).toBe(1);
    api.clock.advance(61_000);
    await begin(api);
    expect(asked).toBe(2);
    api.clock.advance(7 * 24 * 3_600_000);
    expect((await begin(api)).code).toBe("unavailable");
  });

  it("counts no longer than it says", async () => {
    const api = await start();
    const end = new Date(api.clock.now().getTime() + 600_000).toISOString();
    answer = { status: 200, text: samlMetadataOf({ validUntil: end }) };
    expect((await begin(api)).status).toBe(303);
    api.clock.advance(601_000);
    expect((await begin(api)).code).toBe("unavailable");
  });

  it.each([
    ["nothing there", { status: 404, text: "" }, /status 404/],
    [
      "another address",
      { status: 302, text: "", location: "https://evil.test/m" },
      /leads to https:\/\/evil/,
    ],
    ["a page", { status: 200, text: "<html/>" }, /not metadata/],
    ["too much", { status: 200, text: `${" ".repeat(4 * 1024 * 1024)}<x/>` }, /longer than 4 MiB/],
    ["entities", { status: 200, text: `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>` }, /document type/],
  ])("says in words what is wrong: %s", async (_, wrong, words) => {
    answer = wrong;
    const api = await start();
    const { client } = await signedInClient(api, { role: "admin" });
    const { body } = await client.post("/api/admin/sign-in/saml/test");
    expect(body).toMatchObject({
      ok: false,
      checks: [{ what: "Metadata", says: expect.stringMatching(words) }],
    });
    expect((await begin(api)).code).toBe("unavailable");
  });

  it("says that it wants signed requests, where we have no key to sign with", async () => {
    answer = { status: 200, text: samlMetadataOf({ signIn: url, more: 'WantAuthnRequestsSigned="1"' }) };
    const api = await start();
    const { client } = await signedInClient(api, { role: "admin" });
    const { body } = await client.post("/api/admin/sign-in/saml/test");
    expect(body.checks.at(-1)).toMatchObject({
      ok: false,
      says: expect.stringContaining("SAML_PRIVATE_KEY"),
    });
  });
});
