import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publicUrl, startApi, type TestApi } from "../testing/index.ts";
import { idpCertificate, idpKey, spCertificate, spKey } from "./testing/certificates.ts";
import {
  type AnswerOptions,
  assertionOf,
  idpIssuer,
  requestIdOf,
  responseAround,
  samlAnswerOf,
  sha1,
  signAssertion,
  signElement,
} from "./testing/saml-idp.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({
    env: {
      ALLOWED_DOMAINS: "example.org",
      ROLE_MAPPING: "auditor=law",
      SAML_ENTRY_POINT: "https://idp.test/sso",
      SAML_IDP_ISSUER: idpIssuer,
      SAML_IDP_CERTIFICATE: idpCertificate,
      SAML_LOGOUT_URL: "https://idp.test/slo",
      SAML_PRIVATE_KEY: spKey,
      SAML_CERTIFICATE: spCertificate,
      SAML_GROUPS_ATTRIBUTE: "groups",
    },
  });
});
afterAll(() => api.stop());

const acs = `${publicUrl}/api/auth/saml/acs`;
const audience = `${publicUrl}/api/auth/saml/metadata`;

/** A browser that has left for the identity provider. */
async function begin(callbackUrl = "/settings") {
  const answer = await api.client.get(`/api/auth/saml/login?callbackUrl=${encodeURIComponent(callbackUrl)}`);
  const location = String(answer.headers.location);
  const binding = /hand-over=([^;]+)/.exec(String(answer.headers["set-cookie"]))?.[1] ?? "";
  return { requestId: requestIdOf(location), location, binding };
}

/** The identity provider's form, sent as a browser sends it from there. */
function send(response: string) {
  return api.client.post("/api/auth/saml/acs", new URLSearchParams({ SAMLResponse: response }).toString(), {
    "content-type": "application/x-www-form-urlencoded",
    origin: "https://idp.test",
    "sec-fetch-site": "cross-site",
  });
}

const person = (more: Partial<AnswerOptions> = {}) => ({
  acs,
  audience,
  nameId: "ada",
  attributes: { email: ["Ada@Example.org"], displayName: ["Ada"], groups: ["law"] },
  ...more,
});
const answerOf = async (requestId: string, more: Partial<AnswerOptions> = {}) =>
  samlAnswerOf({ requestId, ...person(more) });

const codeOf = (location: unknown) => String(location).split("#")[1] ?? "";
const redeem = (token: string, binding: string) =>
  api.internal().post("/internal/sign-ins", {
    proof: { kind: "code", token, binding },
    userAgent: null,
    address: "192.0.2.1",
  });
const lastRefusal = async () => {
  const row = await api.database.db.auditLog.findFirst({
    where: { action: "sign-in.failed" },
    orderBy: { id: "desc" },
  });
  return (row?.details as { reason?: string } | undefined)?.reason;
};

describe("SAML", () => {
  it("signs in by an answer that is signed, and hands over a code behind the #", async () => {
    const { requestId, binding, location } = await begin();
    expect(location).toMatch(/^https:\/\/idp\.test\/sso\?SAMLRequest=.*&Signature=/);
    const answer = await send(await answerOf(requestId));
    expect(answer.status).toBe(303);
    expect(String(answer.headers.location)).toMatch(
      /^http:\/\/claude\.test\/sign-in\/code\?callbackUrl=%2Fsettings#/,
    );
    const signedIn = await redeem(codeOf(answer.headers.location), binding);
    expect(signedIn.body.user).toMatchObject({ email: "ada@example.org", name: "Ada", role: "auditor" });
    const row = await api.database.db.signIn.findFirst({ where: { userId: signedIn.body.user.id } });
    expect(row?.method).toBe("saml");
  });

  it("signs in by an assertion that is encrypted", async () => {
    const { requestId, binding } = await begin();
    const answer = await send(await answerOf(requestId, { encrypt: true }));
    expect((await redeem(codeOf(answer.headers.location), binding)).status).toBe(200);
  });

  it("signs in by an answer that is signed as a whole, too, and with SHA-512", async () => {
    const { requestId, binding } = await begin();
    const algorithms = {
      signature: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
      digest: "http://www.w3.org/2001/04/xmlenc#sha512",
    };
    const tamper = (xml: string) => signElement(xml, idpKey, "Response", algorithms);
    const answer = await send(await answerOf(requestId, { algorithms, tamper }));
    expect((await redeem(codeOf(answer.headers.location), binding)).status).toBe(200);
  });

  it("ends the session at the identity provider, too", async () => {
    const { requestId, binding } = await begin();
    const answer = await send(await answerOf(requestId));
    const { body } = await redeem(codeOf(answer.headers.location), binding);
    const headers = { cookie: `remote-claude.sign-in=${body.signInId}` };
    const out = await api.client.get("/api/auth/provider-sign-out", { headers });
    expect(out.body.url).toMatch(/^https:\/\/idp\.test\/slo\?SAMLRequest=.*&Signature=/);
    const back = await api.client.get("/api/auth/saml/logout?SAMLResponse=x");
    expect(back.headers.location).toBe(`${publicUrl}/sign-in`);
  });

  it("describes itself to the identity provider", async () => {
    const { text, headers } = await api.client.get("/api/auth/saml/metadata");
    expect(String(headers["content-type"])).toContain("application/xml");
    expect(text).toContain(`entityID="${audience}"`);
    expect(text).toContain(`Location="${acs}"`);
    expect(text).toContain('use="encryption"');
    expect(text).not.toContain("PRIVATE");
  });

  it("hands the code to the browser that began, once, and to no other", async () => {
    const { requestId, binding } = await begin();
    const answer = await send(await answerOf(requestId));
    const code = codeOf(answer.headers.location);
    const other = await begin();
    expect((await redeem(code, other.binding)).status).toBe(401);
    expect((await redeem(code, "none")).status).toBe(401);
    expect((await redeem(code, binding)).status).toBe(200);
    expect((await redeem(code, binding)).status).toBe(401);
    const late = await begin();
    const second = await send(await answerOf(late.requestId));
    api.clock.advance(61_000);
    expect((await redeem(codeOf(second.headers.location), late.binding)).status).toBe(401);
  });

  it("leads nowhere but to our own pages", async () => {
    for (const elsewhere of ["https://evil.example", "//evil.example", "/\\evil.example", "x"]) {
      const path = `/api/auth/saml/login?callbackUrl=${encodeURIComponent(elsewhere)}`;
      expect((await api.client.get(path)).status).toBe(400);
    }
  });

  it("remembers only so many beginnings of one address, and goes on for the others", async () => {
    const ask = (address: string) =>
      api.client.with({ "x-forwarded-for": address }).get("/api/auth/saml/login?callbackUrl=%2F");
    const answers = await Promise.all(Array.from({ length: 305 }, () => ask("203.0.113.9")));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(300);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
    expect((await ask("203.0.113.10")).status).toBe(303);
  });

  it("does not exist where it is not set up", async () => {
    const without = await startApi();
    expect((await without.client.get("/api/auth/saml/login")).status).toBe(404);
    expect((await without.client.get("/api/auth/saml/metadata")).status).toBe(404);
    const form = "SAMLResponse=x";
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await without.client.post("/api/auth/saml/acs", form, headers)).status).toBe(404);
    await without.stop();
  });
});

describe("an answer by SAML is refused", () => {
  const evil =
    '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">admin</saml:NameID>';
  const forged = (requestId: string) =>
    assertionOf({ requestId, ...person({ nameId: "admin", attributes: { email: ["boss@example.org"] } }) });

  /** An answer that is wrong in one way, and what the log says of it. */
  const attacks: [
    string,
    Partial<AnswerOptions> | ((requestId: string) => Partial<AnswerOptions>),
    RegExp,
  ][] = [
    ["unsigned", { sign: false }, /signature/i],
    ["signed with another key", { key: spKey }, /signature/i],
    ["for another audience", { audience: "https://other.test" }, /audience/i],
    ["for another address", { acs: "https://other.test/acs" }, /not for this request/],
    ["of another issuer", { issuer: "https://evil.test" }, /another issuer/],
    ["too old", { madeAt: -30, endsAt: -20 }, /expired|confirmation/i],
    ["from the future", { madeAt: 30, endsAt: 40 }, /not yet valid|confirmation/i],
    ["signed with SHA-1", { algorithms: sha1 }, /rsa-sha1, which is too weak/],
    ["signed by a digest of SHA-1", { algorithms: { digest: sha1.digest } }, /#sha1, which is too weak/],
    ["signed with SHA-1 and encrypted", { algorithms: sha1, encrypt: true }, /rsa-sha1, which is too weak/],
    [
      "signed with SHA-1 around an assertion that is signed well",
      { tamper: (xml) => signElement(xml, idpKey, "Response", sha1) },
      /rsa-sha1, which is too weak/,
    ],
    ["bound to no request", { confirmation: false }, /./],
    [
      "with a transient name",
      { nameIdFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient" },
      /transient/,
    ],
    ["changed after it was signed", { tamper: (xml) => xml.replace(">ada<", ">admin<") }, /signature/i],
    [
      "with a forged assertion before the signed one",
      (requestId) => ({ tamper: (xml, signed) => xml.replace(signed, forged(requestId) + signed) }),
      /multiple assertions|signature/i,
    ],
    [
      "with the signed assertion moved inside a forged one",
      (requestId) => ({
        tamper: (xml, signed) =>
          xml.replace(
            signed,
            forged(requestId).replace(
              "</saml:Assertion>",
              `<saml:Advice>${signed}</saml:Advice></saml:Assertion>`,
            ),
          ),
      }),
      /signature/i,
    ],
    [
      "with the signed assertion hidden in an extension",
      (requestId) => ({
        tamper: (xml, signed) =>
          xml
            .replace(signed, forged(requestId))
            .replace("<samlp:Status>", `<samlp:Extensions>${signed}</samlp:Extensions><samlp:Status>`),
      }),
      /signature/i,
    ],
    [
      "whose signature was moved to a forged assertion",
      (requestId) => ({
        tamper: (xml, signed) => {
          const signature =
            /<ds:Signature[\s\S]*<\/ds:Signature>|<Signature[\s\S]*<\/Signature>/.exec(signed)?.[0] ?? "";
          return xml.replace(
            signed,
            forged(requestId).replace("</saml:Issuer>", `</saml:Issuer>${signature}`),
          );
        },
      }),
      /signature/i,
    ],
    [
      "with a comment in the name",
      { tamper: (xml) => xml.replace(">ada<", ">ada<!-- -->.evil<") },
      /signature/i,
    ],
    [
      "with a second name",
      { tamper: (xml) => xml.replace("<saml:Subject>", `<saml:Subject>${evil}`) },
      /signature/i,
    ],
  ];

  it.each(attacks)("that is %s", async (_, options, words) => {
    const { requestId } = await begin();
    const more = typeof options === "function" ? options(requestId) : options;
    const answer = await send(await answerOf(requestId, more));
    expect(answer.headers.location).toBe(`${publicUrl}/sign-in?error=saml`);
    expect(await lastRefusal()).toMatch(words);
    expect(await api.database.db.user.findUnique({ where: { email: "boss@example.org" } })).toBeNull();
  });

  it("that was used before, at once and later", async () => {
    const { requestId } = await begin();
    const response = await answerOf(requestId);
    const answers = await Promise.all([send(response), send(response), send(response)]);
    const locations = [...answers, await send(response)].map(({ headers }) => String(headers.location));
    expect(locations.filter((location) => location.includes("/sign-in/code"))).toHaveLength(1);
    expect(locations.filter((location) => location.endsWith("?error=saml"))).toHaveLength(3);
  });

  it("whose assertion is brought along with another request's id around it", async () => {
    const [mine, theirs] = [await begin(), await begin()];
    const assertion = signAssertion(assertionOf({ requestId: theirs.requestId, ...person() }), idpKey);
    const around = responseAround(assertion, { requestId: mine.requestId, acs, audience });
    const answer = await send(Buffer.from(around).toString("base64"));
    expect(answer.headers.location).toBe(`${publicUrl}/sign-in?error=saml`);
  });

  it("to a request that nobody made, or that was long ago", async () => {
    expect((await send(await answerOf("_unknown"))).headers.location).toContain("error=saml");
    const { requestId } = await begin();
    api.clock.advance(16 * 60_000);
    expect((await send(await answerOf(requestId))).headers.location).toContain("error=saml");
  });

  it.each(["", "%%%", "PHg+", Buffer.from("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>").toString("base64")])(
    "that is no answer: %s",
    async (text) => {
      const { status, headers } = await send(text);
      expect(status === 400 || String(headers.location).endsWith("?error=saml")).toBe(true);
    },
  );

  it("by the rules of who may come in, in words of its own", async () => {
    const { requestId } = await begin();
    const attributes = { email: ["eve@elsewhere.example"] };
    const answer = await send(await answerOf(requestId, { nameId: "eve", attributes }));
    expect(answer.headers.location).toBe(`${publicUrl}/sign-in?error=domain-not-allowed`);
  });
});
