// The library's own parser and decryption, so that what is looked at here is what it verified.
import { decryptXml, parseDomFromString, xpath } from "@node-saml/node-saml/lib/xml.js";

/** What a signature may be made with: SHA-1, which the library takes, is not among it. */
const allowed: ReadonlySet<string | null> = new Set([
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
  "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
  "http://www.w3.org/2001/04/xmlenc#sha256",
  "http://www.w3.org/2001/04/xmlenc#sha512",
]);

/**
 * Wherever they are and whatever namespace they claim: more than the verification looks at, never less. The digest of
 * an encryption (OAEP) is none of a signature's.
 */
const algorithms =
  "(//*[local-name()='SignatureMethod'] | //*[local-name()='Reference']/*[local-name()='DigestMethod'])/@*[local-name()='Algorithm']";
const encryptedAssertions = "/*[local-name()='Response']/*[local-name()='EncryptedAssertion']";

/** Refuses an answer, valid otherwise, of which anything is signed with SHA-1, encrypted or not. */
export async function assertStrongSignatures(response: string, decryptionKey: string | null): Promise<void> {
  const document = await parseDomFromString(Buffer.from(response, "base64").toString("utf8"));
  assertStrong(document);
  if (decryptionKey === null) return;
  for (const assertion of xpath.selectElements(document, encryptedAssertions)) {
    assertStrong(await parseDomFromString(await decryptXml(assertion.toString(), decryptionKey)));
  }
}

function assertStrong(document: Awaited<ReturnType<typeof parseDomFromString>>): void {
  const weak = xpath.selectAttributes(document, algorithms).find(({ nodeValue }) => !allowed.has(nodeValue));
  if (weak !== undefined) throw new Error(`a signature is made with ${weak.nodeValue}, which is too weak`);
}
