import { describe, expect, it } from "vitest";
import { readSamlMetadata } from "../sign-in-config/index.ts";
import { idpCertificate, spCertificate } from "./testing/certificates.ts";
import { type Described, samlMetadataOf } from "./testing/saml-metadata.ts";

const now = new Date("2026-11-26T12:00:00Z");
const read = (described: Described, entityId: string | null = null) =>
  readSamlMetadata(samlMetadataOf(described), entityId, now);

describe("metadata of a SAML identity provider", () => {
  it("names its addresses and all of its signing certificates", () => {
    const idp = read({ certificates: [idpCertificate, spCertificate], signOut: "https://idp.test/slo" });
    expect(idp).toMatchObject({
      issuer: "https://idp.test",
      entryPoint: "https://idp.test/sso",
      logoutUrl: "https://idp.test/slo",
      validUntil: null,
    });
    expect(idp.certificates.map((pem) => pem.trim())).toEqual([idpCertificate.trim(), spCertificate.trim()]);
  });

  it("says what it wants, and leaves out what it does not", () => {
    const idp = read({ more: 'WantAuthnRequestsSigned="true"', validUntil: "2026-12-01T00:00:00Z" });
    expect(idp).toMatchObject({ logoutUrl: null, wantsSignedRequests: true });
    expect(idp.validUntil).toEqual(new Date("2026-12-01T00:00:00Z"));
  });

  it("takes a certificate for encryption for none of its signing ones", () => {
    const xml = samlMetadataOf({ certificates: [idpCertificate, spCertificate] });
    const second = xml.lastIndexOf('use="signing"');
    const changed = `${xml.slice(0, second)}${xml.slice(second).replace('use="signing"', 'use="encryption"')}`;
    expect(readSamlMetadata(changed, null, now).certificates).toHaveLength(1);
    const both = xml.replaceAll(' use="signing"', "");
    expect(readSamlMetadata(both, null, now).certificates).toHaveLength(2);
  });

  it("may be a list, of which the settings choose one", () => {
    const list = { entities: ["https://one.test", "https://two.test"] };
    expect(read(list, "https://two.test").issuer).toBe("https://two.test");
    expect(() => read(list)).toThrow(/2 identity providers in it: choose with SAML_IDP_ISSUER/);
    expect(() => read(list, "https://three.test")).toThrow(/no https:\/\/three\.test in it/);
  });

  const good = samlMetadataOf({});
  it.each([
    ["no XML", "a page", /not XML|not metadata/],
    ["a page", "<html><body/></html>", /not metadata of SAML 2\.0/],
    ["broken off", good.slice(0, 400), /not XML/],
    ["a document type", `<!DOCTYPE x>${good}`, /declares a document type/],
    [
      "an entity that reads a file",
      `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${good.replace("https://idp.test<", "&f;<")}`,
      /declares a document type/,
    ],
    [
      "entities that grow",
      `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${good}`,
      /declares a document type/,
    ],
    ["another namespace", good.replaceAll(":metadata", ":metadata2"), /not metadata of SAML 2\.0/],
    ["no identity provider", good.replaceAll("IDPSSO", "SPSSO"), /no identity provider of SAML 2\.0/],
    ["SAML 1.1 alone", good.replace("SAML:2.0:protocol", "SAML:1.1:protocol"), /no identity provider/],
    ["sign-in by POST alone", good.replaceAll("HTTP-Redirect", "HTTP-POST"), /by redirect/],
    ["a script for an address", good.replaceAll("https://idp.test/sso", "javascript:alert(1)"), /http\(s\)/],
    ["no certificate", good.replace(/<ds:X509Certificate>[^<]*/, "<ds:X509Certificate>"), /cannot be read/],
    ["no key", good.replace(/<md:KeyDescriptor[\s\S]*<\/md:KeyDescriptor>/, ""), /no signing certificate/],
    [
      "its end behind it",
      samlMetadataOf({ validUntil: "2026-11-26T11:59:59Z" }),
      /valid until 2026-11-26 11:59/,
    ],
    ["an end that is none", samlMetadataOf({ validUntil: "soon" }), /no time/],
  ])("is refused in words with %s", (_, xml, words) => {
    expect(() => readSamlMetadata(xml, null, now)).toThrow(words);
  });
});
