import { verify, X509Certificate } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { record } from "../audit/index.ts";
import { guardLink, type SignInSource } from "../auth/index.ts";
import type { Context } from "../context.ts";
import { childrenOf, parseXml } from "../lib/parse-xml.ts";
import type { SamlConfig, SamlIdp } from "../sign-in-config/index.ts";
import { endProviderSessions } from "./end-provider-sessions.ts";
import { hashOfSession } from "./provider-session.ts";
import { logoutUrl, samlLogoutAnswerUrl } from "./saml.ts";
import { useMessage } from "./saml-messages.ts";
import { getSamlIdp } from "./saml-provider.ts";

const assertionNamespace = "urn:oasis:names:tc:SAML:2.0:assertion";
const protocolNamespace = "urn:oasis:names:tc:SAML:2.0:protocol";
const maxRequestBytes = 256 * 1024;
const clockSkewMs = 60_000;
const maxAgeMs = 10 * 60_000;

/** SHA-1 is too weak. */
const hashes: Readonly<Record<string, string>> = {
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "sha256",
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": "sha512",
};

interface LogoutRequest {
  readonly id: string;
  readonly nameId: string;
  /** Empty: all sessions of that person. */
  readonly sessions: readonly string[];
  readonly relayState: string | null;
}

/**
 * A sign-out that began at the identity provider, as the browser brings it in the address (`query`, as it came): ends
 * what was signed in by that session. Returns where the browser goes on, which is back, so that others hear of it too.
 */
export async function endBySamlLogout(
  context: Context,
  config: SamlConfig,
  query: string,
  source: SignInSource,
): Promise<string> {
  const attempt = await guardLink(context, source);
  try {
    const idp = await getSamlIdp(context, config);
    const request = readLogoutRequest(context, idp, query);
    const until = new Date(context.clock.now().getTime() + maxAgeMs + 2 * clockSkewMs);
    if (!(await useMessage(context, "logout", `saml ${request.id}`, until))) {
      throw new Error("it was used before");
    }
    await attempt.succeeded();
    const sessions = request.sessions.map((session) => hashOfSession(context, "saml", session));
    for (const session of sessions.length === 0 ? [null] : sessions) {
      await endProviderSessions(context, { provider: "saml", subject: request.nameId, session }, source);
    }
    return await samlLogoutAnswerUrl(context, config, request);
  } catch (error) {
    context.log.warn({ err: error }, "a sign-out by SAML was refused");
    await record(context.db, {
      action: "sign-in.failed",
      result: "refused",
      actor: { kind: "user", userId: null, ...source },
      details: { method: "saml", reason: `sign-out: ${error instanceof Error ? error.message : "unknown"}` },
    });
    return `${context.config.publicUrl}/sign-in?error=saml`;
  }
}

function readLogoutRequest(context: Context, idp: SamlIdp, query: string): LogoutRequest {
  const { xml, relayState } = verifyQuery(idp, query);
  const root = parseXml(xml);
  if (root.namespaceURI !== protocolNamespace || root.localName !== "LogoutRequest") {
    throw new Error("it is no request to sign out");
  }
  const textOf = (namespace: string, name: string) =>
    childrenOf(root, namespace, name).map((element) => (element.textContent ?? "").trim());
  const attribute = (name: string) => root.getAttribute(name) ?? "";
  const [nameId = ""] = textOf(assertionNamespace, "NameID");
  const now = context.clock.now().getTime();
  const end = attribute("NotOnOrAfter");
  const problems: [boolean, string][] = [
    [attribute("ID") === "", "it has no id"],
    [textOf(assertionNamespace, "Issuer").join() !== idp.issuer, "it is of another issuer"],
    [attribute("Destination") !== logoutUrl(context.config.publicUrl), "it is for another address"],
    [!(Math.abs(now - Date.parse(attribute("IssueInstant"))) <= maxAgeMs + clockSkewMs), "it is too old"],
    [end !== "" && !(Date.parse(end) + clockSkewMs > now), "it has ended"],
    [nameId === "", "it names nobody"],
  ];
  const problem = problems.find(([wrong]) => wrong);
  if (problem !== undefined) throw new Error(problem[1]);
  return { id: attribute("ID"), nameId, sessions: textOf(protocolNamespace, "SessionIndex"), relayState };
}

/** What is signed is the address itself: each part counts once, and as it was written. */
function verifyQuery(idp: SamlIdp, query: string): { xml: string; relayState: string | null } {
  const parts = query.split("&").map((part) => part.split(/=(.*)/s));
  const only = (name: string): string | null => {
    const found = parts.filter(([key]) => key === name);
    if (found.length > 1) throw new Error(`${name} is there twice`);
    return found[0]?.[1] ?? null;
  };
  const [request, relayState, algorithm, signature] = [
    only("SAMLRequest"),
    only("RelayState"),
    only("SigAlg"),
    only("Signature"),
  ];
  if (request === null || algorithm === null || signature === null) throw new Error("it is not signed");
  const hash = hashes[decodeURIComponent(algorithm)];
  if (hash === undefined) throw new Error(`it is signed with ${decodeURIComponent(algorithm)}`);
  const relay = relayState === null ? "" : `&RelayState=${relayState}`;
  const signed = Buffer.from(`SAMLRequest=${request}${relay}&SigAlg=${algorithm}`);
  const bytes = Buffer.from(decodeURIComponent(signature), "base64");
  const isTheirs = idp.certificates.some((pem) =>
    verify(hash, signed, new X509Certificate(pem).publicKey, bytes),
  );
  if (!isTheirs) throw new Error("its signature is not the identity provider's");
  const deflated = Buffer.from(decodeURIComponent(request), "base64");
  return {
    xml: inflateRawSync(deflated, { maxOutputLength: maxRequestBytes }).toString("utf8"),
    relayState: relayState === null ? null : decodeURIComponent(relayState.replaceAll("+", " ")),
  };
}
