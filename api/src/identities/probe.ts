import { X509Certificate } from "node:crypto";
import type { ProviderCheck } from "@remote-claude/protocol";
import { z } from "zod";
import type { Context } from "../context.ts";
import type { GithubConfig, LdapConfig, OidcConfig, SamlConfig, SamlIdp } from "../sign-in-config/index.ts";
import { probeLdap } from "./ldap.ts";
import { readSamlIdp } from "./saml-provider.ts";

const patienceMs = 10_000;
const withoutSlash = (url: string) => url.replace(/\/+$/, "");

/** Looks at one thing; what it throws is what is wrong. */
async function check(what: string, look: () => Promise<string> | string): Promise<ProviderCheck> {
  try {
    return { what, ok: true, says: await look() };
  } catch (error) {
    return { what, ok: false, says: inWords(error) };
  }
}

/** Something that is wrong with the provider or the settings, said for people. */
class Wrong extends Error {}

const network: Readonly<Record<string, string>> = {
  ENOTFOUND: "The name of the host is not known: check how it is spelt, and the name server.",
  EAI_AGAIN: "The name server does not answer.",
  ECONNREFUSED: "The host refuses connections on that port.",
  ECONNRESET: "The host ended the connection.",
  EHOSTUNREACH: "There is no way to the host from here.",
  ENETUNREACH: "There is no way to the host from here: may the api reach outside (docs/sign-in.md)?",
  ETIMEDOUT: "The host does not answer in time.",
  UND_ERR_CONNECT_TIMEOUT: "The host does not answer in time.",
  CERT_HAS_EXPIRED: "The host's certificate has expired.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The host's certificate is signed by itself alone, and not trusted.",
  SELF_SIGNED_CERT_IN_CHAIN: "The host's certificate comes from an authority that is not trusted here.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The host's certificate comes from an authority that is not trusted here.",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "The host's certificate comes from an authority that is not trusted here.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The host's certificate is for another name.",
};

/** The reason that we have words for, however deep it is; else the innermost error's own. None holds a secret of ours. */
export function inWords(error: unknown): string {
  if (error instanceof Wrong) return error.message;
  let innermost = "It failed.";
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at.name === "TimeoutError") return network.ETIMEDOUT as string;
    const known = network[(at as { code?: unknown }).code as string];
    if (known !== undefined) return known;
    // LDAP says in its code what it does not want.
    if (at.name === "InvalidCredentialsError") return "The directory refuses LDAP_BIND_DN with its password.";
    if (at.name === "NoSuchObjectError") return "The directory has nothing at LDAP_BASE_DN.";
    innermost = at.message;
  }
  return innermost;
}

async function fetchJson(url: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const headers = { accept: "application/json", ...(init.headers as Record<string, string>) };
  const answer = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(patienceMs) });
  const text = await answer.text();
  try {
    return { status: answer.status, body: JSON.parse(text) };
  } catch {
    throw new Wrong(`It answers with status ${answer.status}, and not in JSON: is this the right address?`);
  }
}

const Discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
});

export async function probeOidc({ config }: Context, provider: OidcConfig): Promise<ProviderCheck[]> {
  let found: z.infer<typeof Discovery> | null = null;
  const discovery = await check("Discovery document", async () => {
    const { status, body } = await fetchJson(
      `${withoutSlash(provider.issuer)}/.well-known/openid-configuration`,
    );
    if (status !== 200) throw new Wrong(`It answers with status ${status}: check the issuer.`);
    const parsed = Discovery.safeParse(body);
    if (!parsed.success) throw new Wrong("It lacks what a provider of OpenID Connect says of itself.");
    if (withoutSlash(parsed.data.issuer) !== withoutSlash(provider.issuer)) {
      throw new Wrong(`The provider calls itself ${parsed.data.issuer}: the issuer must be exactly that.`);
    }
    found = parsed.data;
    return `The provider answers as ${parsed.data.issuer}.`;
  });
  if (found === null) return [discovery];
  const { jwks_uri, token_endpoint } = found as z.infer<typeof Discovery>;
  return [
    discovery,
    await check("Signing keys", async () => {
      const keys = z.object({ keys: z.array(z.looseObject({})).min(1) });
      const { body } = await fetchJson(jwks_uri);
      if (!keys.safeParse(body).success) throw new Wrong("There is no key to hold signatures against.");
      return "There are keys to hold signatures against.";
    }),
    await check("Client id and secret", async () => {
      // With a code that nobody was given: the provider looks at who asks before it looks at the code.
      const secret = Buffer.from(
        `${encodeURIComponent(provider.clientId)}:${encodeURIComponent(provider.clientSecret)}`,
      ).toString("base64");
      const { body } = await fetchJson(token_endpoint, {
        method: "POST",
        headers: { authorization: `Basic ${secret}`, "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({
          grant_type: "authorization_code",
          code: "connection-test",
          redirect_uri: `${config.publicUrl}/auth/callback/${provider.id}`,
          code_verifier: "connection-test".repeat(4),
        }).toString(),
      });
      const { error } = z.looseObject({ error: z.string().optional() }).parse(body);
      if (error === "invalid_client" || error === "unauthorized_client") {
        throw new Wrong("The provider does not know this client id with this secret.");
      }
      return "The provider knows them.";
    }),
  ];
}

export async function probeGithub({ config }: Context, github: GithubConfig): Promise<ProviderCheck[]> {
  return [
    await check("Client id and secret", async () => {
      const { body } = await fetchJson(`${github.url}/login/oauth/access_token`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          client_id: github.clientId,
          client_secret: github.clientSecret,
          code: "connection-test",
          redirect_uri: `${config.publicUrl}/auth/callback/github`,
        }),
      });
      const { error } = z.looseObject({ error: z.string().optional() }).parse(body);
      if (error === "incorrect_client_credentials" || error === "Not Found") {
        throw new Wrong("GitHub does not know this client id with this secret.");
      }
      if (error === "redirect_uri_mismatch") {
        throw new Wrong(`The OAuth app's callback URL must be ${config.publicUrl}/auth/callback/github.`);
      }
      return "GitHub knows them.";
    }),
  ];
}

export async function probeSaml(context: Context, saml: SamlConfig): Promise<ProviderCheck[]> {
  if (saml.idp.kind === "known") return probeSamlIdp(context, saml, saml.idp.idp);
  let found: SamlIdp | null = null;
  const metadata = await check("Metadata", async () => {
    found = await readSamlIdp(context, saml);
    return `It describes ${found.issuer}.`;
  });
  return found === null ? [metadata] : [metadata, ...(await probeSamlIdp(context, saml, found))];
}

async function probeSamlIdp(
  { clock }: Context,
  { keyPair }: SamlConfig,
  idp: SamlIdp,
): Promise<ProviderCheck[]> {
  return [
    await check(idp.certificates.length === 1 ? "Signing certificate" : "Signing certificates", () => {
      const ends = idp.certificates.map((pem) => new Date(new X509Certificate(pem).validTo));
      const last = new Date(Math.max(...ends.map((end) => end.getTime())));
      const day = last.toISOString().slice(0, 10);
      if (last <= clock.now()) throw new Wrong(`It ended on ${day}: put the provider's new one beside it.`);
      return ends.length === 1
        ? `It is good until ${day}.`
        : `There are ${ends.length}, the last until ${day}.`;
    }),
    await check("Address for signing in", async () => {
      if (idp.wantsSignedRequests && keyPair === null) {
        throw new Wrong("It takes signed requests alone: set SAML_PRIVATE_KEY and SAML_CERTIFICATE.");
      }
      const { status } = await fetch(idp.entryPoint, {
        redirect: "manual",
        signal: AbortSignal.timeout(patienceMs),
      });
      // Asked without a request, some say that something inside them went wrong: they are there.
      if (status === 404 || status === 502 || status === 503 || status === 504) {
        throw new Wrong(`It answers with status ${status}.`);
      }
      return "It answers.";
    }),
  ];
}

export async function probeDirectory(ldap: LdapConfig): Promise<ProviderCheck[]> {
  return [
    await check("Connection, sign-in and search", async () => {
      await probeLdap(ldap);
      return ldap.bind === null
        ? "It can be searched, anonymously."
        : `It can be searched as ${ldap.bind.dn}.`;
    }),
  ];
}
