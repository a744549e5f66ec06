import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { inflateRawSync } from "node:zlib";
import { SignedXml } from "xml-crypto";
import { encrypt } from "xml-encryption";
import { idpCertificate, idpKey, spCertificate } from "./certificates.ts";

export const idpIssuer = "https://idp.test";

export interface AnswerOptions {
  readonly requestId: string;
  readonly acs: string;
  readonly audience: string;
  readonly issuer?: string;
  readonly nameId?: string;
  readonly nameIdFormat?: string;
  readonly attributes?: Record<string, readonly string[]>;
  /** Minutes from now at which it was made and ends. */
  readonly madeAt?: number;
  readonly endsAt?: number;
  readonly key?: string;
  readonly sign?: boolean;
  readonly encrypt?: boolean;
  readonly algorithms?: Partial<Algorithms>;
  /** Without it, nothing binds the assertion to a request. */
  readonly confirmation?: boolean;
  /** Something done to the answer once it is signed. */
  readonly tamper?: (response: string, assertion: string) => string;
}

/** What a signature is made with. */
interface Algorithms {
  readonly signature: string;
  readonly digest: string;
}

const strong: Algorithms = {
  signature: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  digest: "http://www.w3.org/2001/04/xmlenc#sha256",
};

/** As old identity providers sign. */
export const sha1: Algorithms = {
  signature: "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
  digest: "http://www.w3.org/2000/09/xmldsig#sha1",
};

const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString();
const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** The id of an AuthnRequest in the address that leads to the identity provider. */
export function requestIdOf(address: string): string {
  const request = new URL(address).searchParams.get("SAMLRequest") ?? "";
  const xml = inflateRawSync(Buffer.from(request, "base64")).toString();
  return /ID="([^"]+)"/.exec(xml)?.[1] ?? "";
}

/** An identity provider's answer, as the form carries it: base64. */
export async function samlAnswerOf(options: AnswerOptions): Promise<string> {
  const assertion = assertionOf(options);
  const signed =
    options.sign === false
      ? assertion
      : signElement(assertion, options.key ?? idpKey, "Assertion", options.algorithms);
  const inside = options.encrypt ? await encryptAssertion(signed) : signed;
  const response = responseAround(inside, options);
  return Buffer.from(options.tamper?.(response, signed) ?? response).toString("base64");
}

export const id = () => `_${randomBytes(16).toString("hex")}`;

export function assertionOf(options: AnswerOptions): string {
  const { requestId, acs, audience, madeAt = 0, endsAt = 5, confirmation = true } = options;
  const attributes = Object.entries(options.attributes ?? {})
    .map(([name, values]) => {
      const inner = values.map((value) => `<saml:AttributeValue>${escapeXml(value)}</saml:AttributeValue>`);
      return `<saml:Attribute Name="${escapeXml(name)}">${inner.join("")}</saml:Attribute>`;
    })
    .join("");
  const data = `<saml:SubjectConfirmationData InResponseTo="${requestId}" Recipient="${acs}" NotOnOrAfter="${minutes(endsAt)}"/>`;
  const subject = confirmation
    ? `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">${data}</saml:SubjectConfirmation>`
    : "";
  const format = options.nameIdFormat ?? "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
  return (
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id()}" Version="2.0" IssueInstant="${minutes(madeAt)}">` +
    `<saml:Issuer>${options.issuer ?? idpIssuer}</saml:Issuer>` +
    `<saml:Subject><saml:NameID Format="${format}">${escapeXml(options.nameId ?? "person-1")}</saml:NameID>${subject}</saml:Subject>` +
    `<saml:Conditions NotBefore="${minutes(madeAt - 1)}" NotOnOrAfter="${minutes(endsAt)}"><saml:AudienceRestriction><saml:Audience>${escapeXml(audience)}</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
    `<saml:AuthnStatement AuthnInstant="${minutes(madeAt)}" SessionIndex="index-1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    (attributes === "" ? "" : `<saml:AttributeStatement>${attributes}</saml:AttributeStatement>`) +
    "</saml:Assertion>"
  );
}

export const signAssertion = (xml: string, privateKey: string) => signElement(xml, privateKey, "Assertion");

/** Signs the outermost element, an assertion or the whole answer. */
export function signElement(
  xml: string,
  privateKey: string,
  element: "Assertion" | "Response",
  algorithms: Partial<Algorithms> = {},
): string {
  const { signature, digest } = { ...strong, ...algorithms };
  const xpath = `/*[local-name(.)='${element}']`;
  const signer = new SignedXml({
    privateKey,
    publicCert: idpCertificate,
    signatureAlgorithm: signature,
    canonicalizationAlgorithm: "http://www.w3.org/2001/10/xml-exc-c14n#",
  });
  signer.addReference({
    xpath,
    transforms: [
      "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
      "http://www.w3.org/2001/10/xml-exc-c14n#",
    ],
    digestAlgorithm: digest,
  });
  signer.computeSignature(xml, {
    location: { reference: `${xpath}/*[local-name(.)='Issuer']`, action: "after" },
  });
  return signer.getSignedXml();
}

async function encryptAssertion(xml: string): Promise<string> {
  const encrypted = await promisify(encrypt)(xml, {
    rsa_pub: spCertificate,
    pem: spCertificate,
    encryptionAlgorithm: "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    keyEncryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
  });
  return `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${encrypted}</saml:EncryptedAssertion>`;
}

export function responseAround(
  inside: string,
  { requestId, acs, issuer = idpIssuer }: AnswerOptions,
): string {
  return (
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id()}" Version="2.0" IssueInstant="${minutes(0)}" Destination="${acs}" InResponseTo="${requestId}">` +
    `<saml:Issuer>${issuer}</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` +
    `${inside}</samlp:Response>`
  );
}
