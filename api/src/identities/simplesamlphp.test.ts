import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connectSocket, publicUrl, signedInClient, startApi, type TestApi } from "../testing/index.ts";
import { spCertificate, spKey } from "./testing/certificates.ts";
import { assertionOf } from "./testing/saml-idp.ts";
import { EmployeeBrowser, hasSimpleSaml, type SimpleSaml, startSimpleSaml } from "./testing/simplesamlphp.ts";

// Each of the provider's pages is compiled anew at every request: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 120_000 });

const acs = `${publicUrl}/api/auth/saml/acs`;
const audience = `${publicUrl}/api/auth/saml/metadata`;
const people = {
  katherine: { password: "johnson", email: "Katherine@example.org", groups: ["law"] },
  mary: { password: "jackson", email: "mary@example.org", groups: [] },
};

describe.skipIf(!hasSimpleSaml)("an identity provider that is not ours, SimpleSAMLphp", () => {
  let idp: SimpleSaml;
  let api: TestApi;

  beforeAll(async () => {
    idp = await startSimpleSaml(people);
    api = await startApi({
      env: {
        ROLE_MAPPING: "auditor=law",
        SAML_METADATA_URL: idp.metadataUrl,
        SAML_PRIVATE_KEY: spKey,
        SAML_CERTIFICATE: spCertificate,
        SAML_GROUPS_ATTRIBUTE: "groups",
      },
    });
    await trust({});
  });
  afterAll(async () => {
    await api?.stop();
    await idp?.stop();
  });

  /** The provider reads our metadata with its own parser. */
  const trust = async (more: { encrypt?: boolean; audience?: string }) => {
    const { text } = await api.client.get("/api/auth/saml/metadata");
    const metadata = more.audience === undefined ? text : text.replace(audience, more.audience);
    await idp.trust({ metadata, encrypt: more.encrypt ?? true });
  };

  async function begin() {
    const answer = await api.client.get("/api/auth/saml/login?callbackUrl=/settings");
    const binding = /hand-over=([^;]+)/.exec(String(answer.headers["set-cookie"]))?.[1] ?? "";
    return { address: String(answer.headers.location), binding };
  }

  const send = (response: string) =>
    api.client.post("/api/auth/saml/acs", new URLSearchParams({ SAMLResponse: response }).toString(), {
      "content-type": "application/x-www-form-urlencoded",
      origin: new URL(idp.entityId).origin,
      "sec-fetch-site": "cross-site",
    });

  const redeem = (location: unknown, binding: string) =>
    api.internal().post("/internal/sign-ins", {
      proof: { kind: "code", token: String(location).split("#")[1] ?? "", binding },
      userAgent: null,
      address: "192.0.2.1",
    });

  /** From our sign-in to the provider's form, its answer and back. */
  async function signIn(browser: EmployeeBrowser, name: keyof typeof people = "katherine") {
    const { address, binding } = await begin();
    const { action, response } = await browser.signIn(address, name, people[name].password);
    expect(action).toBe(acs);
    return { response, binding };
  }

  const xmlOf = (response: string) => Buffer.from(response, "base64").toString();
  const lastRefusal = async () => {
    const row = await api.database.db.auditLog.findFirst({
      where: { action: "sign-in.failed" },
      orderBy: { id: "desc" },
    });
    return (row?.details as { reason?: string } | undefined)?.reason;
  };
  async function expectRefused(response: string, words: RegExp) {
    const answer = await send(response);
    expect(answer.headers.location).toBe(`${publicUrl}/sign-in?error=saml`);
    expect(await lastRefusal()).toMatch(words);
  }

  it("is described by its metadata, whose connection can be tried", async () => {
    const { client } = await signedInClient(api, { role: "admin" });
    const { body } = await client.post("/api/admin/sign-in/saml/test");
    expect(body.checks.map(({ what, ok }: { what: string; ok: boolean }) => [what, ok])).toEqual([
      ["Metadata", true],
      ["Signing certificate", true],
      ["Address for signing in", true],
    ]);
    const settings = await client.get("/api/admin/sign-in");
    expect(settings.body.providers[0].facts).toContainEqual({
      name: "Identity provider",
      value: idp.entityId,
    });
  });

  it("signs in by an encrypted answer to our signed request, with the role of its groups", async () => {
    const { response, binding } = await signIn(new EmployeeBrowser());
    expect(xmlOf(response)).toContain("EncryptedAssertion");
    const { body } = await redeem((await send(response)).headers.location, binding);
    expect(body.user).toMatchObject({ email: "katherine@example.org", role: "auditor" });
  });

  it("signs in by an answer that anybody on the way can read", async () => {
    await trust({ encrypt: false });
    const { response, binding } = await signIn(new EmployeeBrowser(), "mary");
    expect(xmlOf(response)).toContain("mary@example.org");
    const { body } = await redeem((await send(response)).headers.location, binding);
    expect(body.user).toMatchObject({ email: "mary@example.org", role: "member" });
  });

  it("keeps who types a wrong password", async () => {
    const { address } = await begin();
    expect((await new EmployeeBrowser().signIn(address, "katherine", "wrong")).response).toBe("");
  });

  it("takes no request of ours that was changed on its way", async () => {
    const { address } = await begin();
    const changed = new URL(address);
    changed.searchParams.set("RelayState", "another");
    const { text } = await new EmployeeBrowser().ask(changed.href);
    expect(text).not.toContain('name="password"');
  });

  it("ends its session when we ask it to, and leads back to us", async () => {
    await trust({});
    const browser = new EmployeeBrowser();
    const { response, binding } = await signIn(browser);
    const { body } = await redeem((await send(response)).headers.location, binding);
    // It knows the person: no form.
    expect((await browser.signIn((await begin()).address, "", "")).response).not.toBe("");
    const headers = { cookie: `remote-claude.sign-in=${body.signInId}` };
    const out = await api.client.get("/api/auth/provider-sign-out", { headers });
    const { away } = await browser.ask(out.body.url);
    expect(away).toMatch(/^http:\/\/claude\.test\/api\/auth\/saml\/logout\?SAMLResponse=/);
    const { pathname, search } = new URL(away ?? "");
    expect((await api.client.get(pathname + search)).headers.location).toBe(`${publicUrl}/sign-in`);
    expect((await browser.ask((await begin()).address)).text).toContain('name="password"');
  });

  describe("asks us to end a session that ends there", () => {
    /** Somebody who is signed in, and where their browser is led when they sign out at the provider. */
    async function signedOutThere() {
      await trust({});
      const browser = new EmployeeBrowser();
      const { response, binding } = await signIn(browser);
      const { body } = await redeem((await send(response)).headers.location, binding);
      const cookie = `remote-claude.sign-in=${body.signInId}`;
      const client = api.client.with({ cookie });
      const isIn = async () => (await client.get("/api/auth/user")).status === 200;
      const origin = new URL(idp.entityId).origin;
      const end = `${origin}/saml2/idp/initSLO.php?RelayState=${encodeURIComponent(`${origin}/resources/post.js`)}`;
      const { away } = await browser.ask(end);
      const { pathname, searchParams, search } = new URL(away ?? "http://none.test");
      expect([pathname, searchParams.has("SAMLRequest")]).toEqual(["/api/auth/saml/logout", true]);
      return { browser, isIn, cookie, pathname, search };
    }
    const refused = `${publicUrl}/sign-in?error=saml`;

    it("and goes on when we have, sockets closed", async () => {
      const { browser, isIn, cookie, pathname, search } = await signedOutThere();
      const other = await signIn(new EmployeeBrowser());
      const otherCode = await send(other.response);
      const { body } = await redeem(otherCode.headers.location, other.binding);
      const elsewhere = api.client.with({ cookie: `remote-claude.sign-in=${body.signInId}` });
      const socket = await connectSocket(api, { cookie });
      const { headers } = await api.client.get(pathname + search);
      await vi.waitFor(() => expect(socket.socket.connected).toBe(false));
      expect(await isIn()).toBe(false);
      // Of that session alone.
      expect((await elsewhere.get("/api/auth/user")).status).toBe(200);
      expect(String(headers.location).startsWith(`${idp.signOutUrl}?SAMLResponse=`)).toBe(true);
      const done = await browser.ask(String(headers.location));
      expect(done.url).toMatch(/\/resources\/post\.js$/);
      expect((await api.client.get(pathname + search)).headers.location).toBe(refused);
      expect(await lastRefusal()).toMatch(/used before/);
    });

    it.each<[string, (search: string) => string, RegExp]>([
      ["unsigned", (search) => search.replace(/&Signature=[^&]*/, ""), /not signed/],
      [
        "with another's signature",
        (search) => search.replace(/Signature=...../, "Signature=AAAAA"),
        /signature/,
      ],
      ["with another RelayState", (search) => search.replace(/RelayState=/, "RelayState=x"), /signature/],
      ["without its RelayState", (search) => search.replace(/&RelayState=[^&]*/, ""), /signature/],
      ["with SHA-1", (search) => search.replace("rsa-sha256", "rsa-sha1"), /signed with|signature/],
      ["with a second request", (search) => `${search}&SAMLRequest=x`, /twice|expected string/],
      ["with a request before its own", (search) => `?%53AMLRequest=x&${search.slice(1)}`, /./],
    ])("but not %s", async (_, change, words) => {
      const { isIn, pathname, search } = await signedOutThere();
      const changed = change(search);
      expect(changed).not.toBe(search);
      const answer = await api.client.get(pathname + changed);
      if (answer.status === 303) {
        expect(answer.headers.location).toBe(refused);
        expect(await lastRefusal()).toMatch(words);
      } else expect(answer.code).toBe("bad_request");
      expect(await isIn()).toBe(true);
    });

    it("but not long after", async () => {
      const { pathname, search } = await signedOutThere();
      api.clock.advance(12 * 60_000);
      expect((await api.client.get(pathname + search)).headers.location).toBe(refused);
      expect(await lastRefusal()).toMatch(/too old/);
    });
  });

  describe("is refused when its answer", () => {
    let open: string;
    beforeAll(async () => {
      await trust({ encrypt: false });
    });

    const assertionIn = (xml: string) => /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml)?.[0] ?? "";
    const signature = /<ds:Signature[\s\S]*?<\/ds:Signature>/g;
    const encode = (xml: string) => Buffer.from(xml).toString("base64");
    const forged = (xml: string) =>
      assertionOf({
        requestId: /InResponseTo="([^"]+)"/.exec(xml)?.[1] ?? "",
        acs,
        audience,
        issuer: idp.entityId,
        nameId: "boss",
        attributes: { email: ["boss@example.org"] },
      });

    /** Each with an answer of its own, since each would count once. */
    const attacks: [string, (xml: string) => string, RegExp][] = [
      ["has lost its signatures", (xml) => xml.replaceAll(signature, ""), /signature/i],
      [
        "has lost the assertion's, and kept the one around it",
        (xml) => xml.replace(assertionIn(xml), (whole) => whole.replaceAll(signature, "")),
        /signature/i,
      ],
      [
        "names another address",
        (xml) => xml.replaceAll("katherine@", "boss@").replaceAll("Katherine@", "boss@"),
        /signature/i,
      ],
      [
        "has a forged assertion before its own",
        (xml) => xml.replace(assertionIn(xml), (own) => forged(xml) + own),
        /multiple|signature/i,
      ],
      [
        "has a forged assertion after its own",
        (xml) => xml.replace(assertionIn(xml), (own) => own + forged(xml)),
        /multiple|signature/i,
      ],
      [
        "is wrapped in a forged assertion",
        (xml) =>
          xml.replace(assertionIn(xml), (own) =>
            forged(xml).replace("</saml:Assertion>", `<saml:Advice>${own}</saml:Advice></saml:Assertion>`),
          ),
        /signature/i,
      ],
      [
        "is put aside for a forged one with its signature, which holds the signed one",
        (xml) =>
          xml.replace(assertionIn(xml), (own) => {
            const [mine = ""] = own.match(signature) ?? [];
            const bare = own.replace(mine, "");
            const withObject = mine.replace(
              "</ds:Signature>",
              `<ds:Object>${bare}</ds:Object></ds:Signature>`,
            );
            return forged(xml).replace("</saml:Issuer>", `</saml:Issuer>${withObject}`);
          }),
        /signature/i,
      ],
      [
        "stands whole inside a forged answer",
        (xml) => {
          const [, head = ""] = /^[\s\S]*?(<samlp:Response[^>]*>)/.exec(xml) ?? [];
          const around = head.replace(/ ID="[^"]+"/, ' ID="_forged"');
          const status = /<samlp:Status>[\s\S]*?<\/samlp:Status>/.exec(xml)?.[0] ?? "";
          const inner = xml.slice(xml.indexOf("<samlp:Response"));
          return `${around}<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${idp.entityId}</saml:Issuer><samlp:Extensions>${inner}</samlp:Extensions>${status}${forged(xml)}</samlp:Response>`;
        },
        /signature/i,
      ],
      [
        "has a comment in the name",
        (xml) => xml.replace(/>katherine</, ">katherine<!-- -->x<"),
        /signature/i,
      ],
      [
        "is for the time after its end",
        (xml) => xml.replaceAll(/NotOnOrAfter="[^"]+"/g, 'NotOnOrAfter="2001-01-01T00:00:00Z"'),
        /signature|expired|confirmation/i,
      ],
    ];

    it.each(attacks)("%s", async (_, attack, words) => {
      const { response } = await signIn(new EmployeeBrowser());
      open = xmlOf(response);
      const changed = attack(open);
      expect(changed).not.toBe(open);
      await expectRefused(encode(changed), words);
      expect(await api.database.db.user.findUnique({ where: { email: "boss@example.org" } })).toBeNull();
    });

    it("is for another audience", async () => {
      const other = "https://other.test/metadata";
      await trust({ encrypt: false, audience: other });
      const another = await startApi({
        env: {
          SAML_METADATA_URL: idp.metadataUrl,
          SAML_ENTITY_ID: other,
          SAML_PRIVATE_KEY: spKey,
          SAML_CERTIFICATE: spCertificate,
        },
      });
      try {
        const begun = await another.client.get("/api/auth/saml/login?callbackUrl=/");
        const { response } = await new EmployeeBrowser().signIn(
          String(begun.headers.location),
          "mary",
          "jackson",
        );
        expect(xmlOf(response)).toContain(other);
        // As if the request had been ours.
        const [kept] = await another.database.db.providerMessage.findMany({ where: { kind: "request" } });
        if (kept !== undefined) await api.database.db.providerMessage.create({ data: kept });
        await expectRefused(response, /audience/i);
      } finally {
        await another.stop();
        await trust({ encrypt: false });
      }
    });

    it("was used before", async () => {
      const { response } = await signIn(new EmployeeBrowser());
      expect((await send(response)).headers.location).toContain("/sign-in/code?");
      await expectRefused(response, /InResponseTo|used before/);
    });

    it("comes too late", async () => {
      const { response } = await signIn(new EmployeeBrowser());
      api.clock.advance(16 * 60_000);
      await expectRefused(response, /InResponseTo/);
    });
  });
});
