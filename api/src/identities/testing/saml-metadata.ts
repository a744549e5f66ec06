import { idpCertificate } from "./certificates.ts";

export interface Described {
  readonly entities?: readonly string[];
  readonly signIn?: string;
  readonly signOut?: string;
  readonly certificates?: readonly string[];
  readonly validUntil?: string;
  /** Further attributes of the role. */
  readonly more?: string;
}

const redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const bare = (pem: string) => pem.replaceAll(/-----[A-Z ]+-----|\s/g, "");

/** What an identity provider (or a federation of them) says of itself. */
export function samlMetadataOf({
  entities = ["https://idp.test"],
  signIn = "https://idp.test/sso",
  signOut,
  certificates = [idpCertificate],
  validUntil,
  more = "",
}: Described): string {
  const keys = certificates.map(
    (pem) =>
      `<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${bare(pem)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  const out =
    signOut === undefined ? "" : `<md:SingleLogoutService Binding="${redirect}" Location="${signOut}"/>`;
  const until = validUntil === undefined ? "" : ` validUntil="${validUntil}"`;
  const described = entities.map(
    (id) =>
      `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${id}"${until}>` +
      `<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" ${more}>${keys.join("")}${out}` +
      `<md:SingleSignOnService Binding="${redirect}" Location="${signIn}"/></md:IDPSSODescriptor></md:EntityDescriptor>`,
  );
  if (described.length === 1) return described.join("");
  return `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${described.join("")}</md:EntitiesDescriptor>`;
}
