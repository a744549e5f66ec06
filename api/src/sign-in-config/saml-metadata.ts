import { X509Certificate } from "node:crypto";
import { childrenOf, parseXml, XmlError } from "../lib/parse-xml.ts";

/** What is to be known of a SAML identity provider. */
export interface SamlIdp {
  /** Its entity id. */
  readonly issuer: string;
  readonly entryPoint: string;
  /** PEM; several while it changes from one to the next. */
  readonly certificates: readonly string[];
  /** null: it takes no sign-out. */
  readonly logoutUrl: string | null;
  /** It takes requests only with our signature. */
  readonly wantsSignedRequests: boolean;
  /** null: it does not say. */
  readonly validUntil: Date | null;
}

/** What is wrong with a provider's metadata, said for people. */
export class MetadataError extends Error {}

const metadata = "urn:oasis:names:tc:SAML:2.0:metadata";
const signature = "http://www.w3.org/2000/09/xmldsig#";
const protocol = "urn:oasis:names:tc:SAML:2.0:protocol";
const redirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

/** Reads metadata (one provider's, or a list of many, from which `entityId` chooses). Throws MetadataError. */
export function readSamlMetadata(xml: string, entityId: string | null, now: Date): SamlIdp {
  const root = parse(xml);
  const providers = entitiesOf(root).flatMap((entity) => {
    const role = childrenOf(entity, metadata, "IDPSSODescriptor").find((one) =>
      (one.getAttribute("protocolSupportEnumeration") ?? "").split(/\s+/).includes(protocol),
    );
    return role === undefined ? [] : [{ entity, role, id: entity.getAttribute("entityID") ?? "" }];
  });
  const fitting = entityId === null ? providers : providers.filter(({ id }) => id === entityId);
  const [found, ...others] = fitting;
  if (found === undefined) throw new MetadataError(whoIsThere(providers, entityId));
  if (others.length > 0) {
    throw new MetadataError(
      `There are ${fitting.length} identity providers in it: choose with SAML_IDP_ISSUER.`,
    );
  }
  if (found.id === "") throw new MetadataError("The identity provider in it has no entity id.");
  const { role } = found;
  const entryPoint = locationOf(role, "SingleSignOnService");
  if (entryPoint === null) {
    throw new MetadataError("It names no address for signing in by redirect (the HTTP-Redirect binding).");
  }
  const validUntil = earliest([root, found.entity, role]);
  if (validUntil !== null && validUntil <= now) {
    throw new MetadataError(
      `It was valid until ${validUntil.toISOString().slice(0, 16).replace("T", " ")} alone.`,
    );
  }
  return {
    issuer: found.id,
    entryPoint,
    certificates: signingCertificates(role),
    logoutUrl: locationOf(role, "SingleLogoutService"),
    wantsSignedRequests: ["true", "1"].includes(role.getAttribute("WantAuthnRequestsSigned") ?? ""),
    validUntil,
  };
}

function parse(xml: string): Element {
  let root: Element;
  try {
    root = parseXml(xml);
  } catch (error) {
    throw new MetadataError(error instanceof XmlError ? error.message : "It is not XML.");
  }
  if (root.namespaceURI !== metadata || !/^Entit(?:y|ies)Descriptor$/.test(root.localName)) {
    throw new MetadataError("It is not metadata of SAML 2.0.");
  }
  return root;
}

function entitiesOf(root: Element): Element[] {
  if (root.localName === "EntityDescriptor") return [root];
  return Array.from(root.getElementsByTagNameNS(metadata, "EntityDescriptor"));
}

function whoIsThere(providers: readonly { id: string }[], entityId: string | null): string {
  if (providers.length === 0) return "There is no identity provider of SAML 2.0 in it.";
  const ids = providers.slice(0, 3).map(({ id }) => id);
  return `There is no ${entityId} in it, which SAML_IDP_ISSUER names, but ${ids.join(", ")}${providers.length > 3 ? " …" : ""}.`;
}

/** The browser is sent there: a script is no address. */
function locationOf(role: Element, service: string): string | null {
  const location = childrenOf(role, metadata, service)
    .find((one) => one.getAttribute("Binding") === redirectBinding)
    ?.getAttribute("Location");
  if (location == null) return null;
  if (!/^https?:\/\//i.test(location) || !URL.canParse(location)) {
    throw new MetadataError(`Its ${service} is not at an http(s) address.`);
  }
  return location;
}

/** Of keys without a use both are meant. */
function signingCertificates(role: Element): string[] {
  const pems = childrenOf(role, metadata, "KeyDescriptor")
    .filter((key) => ["", "signing"].includes(key.getAttribute("use") ?? ""))
    .flatMap((key) => Array.from(key.getElementsByTagNameNS(signature, "X509Certificate")))
    .map((element) => toPem(element.textContent ?? ""));
  if (pems.length === 0) throw new MetadataError("There is no signing certificate in it.");
  return [...new Set(pems)];
}

function toPem(base64: string): string {
  try {
    return new X509Certificate(Buffer.from(base64.replaceAll(/\s+/g, ""), "base64")).toString();
  } catch {
    throw new MetadataError("One of its certificates cannot be read.");
  }
}

function earliest(elements: readonly Element[]): Date | null {
  const times = elements.flatMap((element) => {
    const text = element.getAttribute("validUntil");
    if (text === null || text === "") return [];
    const time = Date.parse(text);
    if (Number.isNaN(time)) throw new MetadataError("Its validUntil is no time.");
    return [time];
  });
  return times.length === 0 ? null : new Date(Math.min(...times));
}
