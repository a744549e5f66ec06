import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiClient, signedInClient, startApi, type TestApi } from "../testing/index.ts";
import { inWords } from "./probe.ts";
import { idpCertificate } from "./testing/certificates.ts";
import { fill, hasSlapd, startSlapd, suffix } from "./testing/slapd.ts";

const secret = "the-secret-of-the-test";
let provider: Server;
let url: string;
let api: TestApi;
let admin: ApiClient;

/** How the provider answers, to be changed by a test. */
const right = {
  issuer: () => url,
  keys: [{ kty: "RSA" }] as object[],
  discovery: null as string | null,
};
let mood: typeof right;

beforeAll(async () => {
  provider = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", url);
    const say = (body: object, status = 200) => response.writeHead(status).end(JSON.stringify(body));
    if (pathname.endsWith("openid-configuration")) {
      if (mood.discovery !== null) return response.writeHead(404).end(mood.discovery);
      return say({
        issuer: mood.issuer(),
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/keys`,
      });
    }
    if (pathname === "/keys") return say({ keys: mood.keys });
    if (pathname === "/token") {
      const known = `Basic ${Buffer.from(`right-client:${secret}`).toString("base64")}`;
      const good = request.headers.authorization === known;
      return say({ error: good ? "invalid_grant" : "invalid_client" }, good ? 400 : 401);
    }
    if (pathname === "/login/oauth/access_token") return say({ error: "incorrect_client_credentials" });
    return response.writeHead(200).end("a page");
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  mood = right;
  api = await startApi({
    env: {
      OIDC_ISSUER: url,
      OIDC_CLIENT_ID: "right-client",
      OIDC_CLIENT_SECRET: secret,
      OIDC_NAME: "Example",
      GITHUB_CLIENT_ID: "app",
      GITHUB_CLIENT_SECRET: secret,
      GITHUB_URL: url,
      GITHUB_ORGANISATIONS: "example",
      SAML_ENTRY_POINT: `${url}/saml`,
      SAML_IDP_ISSUER: "urn:example",
      SAML_IDP_CERTIFICATE: idpCertificate,
      LDAP_URL: "ldap://127.0.0.1:9",
      LDAP_BASE_DN: "dc=example",
      LDAP_BIND_DN: "cn=reader",
      LDAP_BIND_PASSWORD: secret,
      ROLE_MAPPING: "admin=ops",
      ALLOWED_DOMAINS: "example.org",
    },
  });
  ({ client: admin } = await signedInClient(api, { role: "admin" }));
});
afterAll(async () => {
  await api?.stop();
  provider?.close();
});

const test = async (id: string, client = admin) =>
  (await client.post(`/api/admin/sign-in/${id}/test`)).body as {
    ok: boolean;
    checks: { what: string; ok: boolean; says: string }[];
  };

describe("the settings of sign-in", () => {
  it("are for admins alone", async () => {
    expect((await api.client.get("/api/admin/sign-in")).code).toBe("unauthenticated");
    const { client } = await signedInClient(api);
    expect((await client.get("/api/admin/sign-in")).code).toBe("forbidden");
    expect((await client.post("/api/admin/sign-in/oidc/test")).code).toBe("forbidden");
  });

  it("are shown as they are set, without a secret", async () => {
    const { body, text } = await admin.get("/api/admin/sign-in");
    expect(body).toMatchObject({
      password: true,
      allowedDomains: ["example.org"],
      roleMapping: { admin: ["ops"] },
    });
    expect(body.providers.map(({ id }: { id: string }) => id)).toEqual(["oidc", "github", "saml", "ldap"]);
    expect(text).toContain("http://claude.test/auth/callback/oidc");
    expect(text).toContain("http://claude.test/api/auth/oidc/oidc/backchannel-logout");
    expect(text).not.toContain(secret);
  });
});

describe("the warnings", () => {
  it("speak of a group that several providers could name, and of addresses that nobody has verified", async () => {
    const { body } = await admin.get("/api/admin/sign-in");
    expect(body.warnings).toHaveLength(2);
    expect(body.warnings[0]).toMatch(/ops is a group of any provider .*\(github, ldap\).* Write github:ops/);
    expect(body.warnings[1]).toMatch(/the directory count as verified.*LDAP_TRUST_EMAIL/);
  });

  it("are none where groups are bound and addresses verified", async () => {
    const bound = await startApi({
      env: {
        OIDC_ISSUER: url,
        OIDC_CLIENT_ID: "right-client",
        OIDC_CLIENT_SECRET: secret,
        OIDC_GROUPS_CLAIM: "groups",
        LDAP_URL: "ldap://127.0.0.1:9",
        LDAP_BASE_DN: "dc=example",
        LDAP_TRUST_EMAIL: "off",
        ROLE_MAPPING: "admin=oidc:ops;member=ldap:cn=all,dc=example",
      },
    });
    try {
      const { client } = await signedInClient(bound, { role: "admin" });
      const { body } = await client.get("/api/admin/sign-in");
      expect(body.warnings).toEqual([]);
      expect(body.roleMapping).toMatchObject({
        admin: ["ops of oidc"],
        member: ["cn=all,dc=example of ldap"],
      });
    } finally {
      await bound.stop();
    }
  });
});

describe("testing the connection", () => {
  it("says that all is well when it is", async () => {
    const { ok, checks } = await test("oidc");
    expect(checks.map(({ what, ok: good }) => [what, good])).toEqual([
      ["Discovery document", true],
      ["Signing keys", true],
      ["Client id and secret", true],
    ]);
    expect(ok).toBe(true);
    expect(await test("saml")).toMatchObject({ ok: true });
  });

  it.each([
    ["another issuer", { issuer: () => "https://other.example" }, /calls itself https:\/\/other\.example/],
    ["a page that is no discovery document", { discovery: "<html>" }, /status 404, and not in JSON/],
    ["no keys", { keys: [] }, /no key/],
  ])("says what is wrong: %s", async (_, change, words) => {
    mood = { ...right, ...change };
    const { ok, checks } = await test("oidc");
    mood = right;
    expect(ok).toBe(false);
    expect(checks.find((check) => !check.ok)?.says).toMatch(words);
  });

  it("says when the client's secret is another, at GitHub too", async () => {
    const other = await startApi({
      env: { OIDC_ISSUER: url, OIDC_CLIENT_ID: "right-client", OIDC_CLIENT_SECRET: "wrong" },
    });
    try {
      const { client } = await signedInClient(other, { role: "admin" });
      const { checks } = await test("oidc", client);
      expect(checks.at(-1)).toMatchObject({ ok: false, says: expect.stringContaining("does not know") });
    } finally {
      await other.stop();
    }
    expect((await test("github")).checks[0]?.says).toMatch(/GitHub does not know/);
  });

  it("says that nobody listens, without a word of the secret", async () => {
    const answer = await admin.post("/api/admin/sign-in/ldap/test");
    expect(answer.body).toMatchObject({
      ok: false,
      checks: [{ says: expect.stringMatching(/refuses connections/) }],
    });
    expect(answer.text).not.toContain(secret);
    expect((await admin.post("/api/admin/sign-in/none/test")).code).toBe("not_found");
  });

  it("knows words for what the network says, however deep it is", () => {
    const deep = new Error("fetch failed", {
      cause: Object.assign(new Error("x"), { code: "CERT_HAS_EXPIRED" }),
    });
    expect(inWords(deep)).toBe("The host's certificate has expired.");
    expect(inWords(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }))).toMatch(/not known/);
    expect(inWords(new DOMException("late", "TimeoutError"))).toMatch(/in time/);
  });
});

describe.skipIf(!hasSlapd)("testing a directory, OpenLDAP's slapd", () => {
  it("tells a wrong password of the searcher from a base that is not there", async () => {
    const directory = await startSlapd(idpCertificate);
    await fill(directory, [{ uid: "ada", password: "lovelace", groups: ["dev"] }]);
    const tryWith = async (env: Record<string, string>) => {
      const one = await startApi({
        env: {
          LDAP_URL: directory.secureUrl,
          LDAP_CA_FILE: directory.caFile,
          LDAP_BIND_DN: `cn=reader,${suffix}`,
          LDAP_BIND_PASSWORD: "reads",
          LDAP_BASE_DN: suffix,
          ...env,
        },
      });
      const { client } = await signedInClient(one, { role: "admin" });
      const result = await test("ldap", client);
      await one.stop();
      return result;
    };
    try {
      expect((await tryWith({ LDAP_BIND_PASSWORD: "wrong" })).checks[0]?.says).toMatch(
        /refuses LDAP_BIND_DN/,
      );
      expect((await tryWith({ LDAP_CA_FILE: "/etc/hostname" })).ok).toBe(false);
      expect((await tryWith({ LDAP_BASE_DN: "dc=nowhere" })).checks[0]?.says).toMatch(
        /nothing at LDAP_BASE_DN/,
      );
    } finally {
      await directory.stop();
    }
  });
});
