import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError } from "@remote-claude/service/settings";
import type { SignInEnvironment } from "./environment.ts";
import { type OidcConfig, oidcProviders } from "./oidc.ts";
import { parseRoleMapping, type RoleMapping } from "./role-mapping.ts";

export { SignInEnvironment, signInSecrets } from "./environment.ts";
export type { OidcConfig } from "./oidc.ts";
export type { RoleMapping } from "./role-mapping.ts";

export interface GithubConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Lower case; empty: everybody. */
  readonly organisations: readonly string[];
  readonly url: string;
  readonly apiUrl: string;
}

export interface SamlConfig {
  readonly name: string;
  readonly entryPoint: string;
  readonly idpIssuer: string;
  readonly idpCertificates: readonly string[];
  readonly logoutUrl: string | null;
  readonly entityId: string;
  readonly keyPair: { readonly privateKey: string; readonly certificate: string } | null;
  readonly attributes: { readonly email: string; readonly name: string; readonly groups: string | null };
}

export interface LdapConfig {
  readonly name: string;
  readonly url: string;
  readonly startTls: boolean;
  /** PEM; null: what Node trusts. */
  readonly ca: string | null;
  readonly bind: { readonly dn: string; readonly password: string } | null;
  readonly baseDn: string;
  readonly userFilter: string;
  readonly attributes: { readonly id: string; readonly email: string; readonly name: string };
  readonly groups: { readonly baseDn: string; readonly filter: string } | null;
}

/** How people sign in. */
export interface SignInConfig {
  readonly password: boolean;
  readonly signUp: boolean;
  readonly maxMs: number;
  readonly roleMapping: RoleMapping;
  readonly oidc: readonly OidcConfig[];
  readonly github: GithubConfig | null;
  readonly saml: SamlConfig | null;
  readonly ldap: LdapConfig | null;
}

/** Throws ConfigError with what is missing or does not fit together. */
export function signInConfig(environment: SignInEnvironment, publicUrl: string): SignInConfig {
  const config: SignInConfig = {
    password: environment.SIGN_IN_PASSWORD === "on",
    signUp: environment.SIGN_UP === "on",
    maxMs: environment.SIGN_IN_MAX_HOURS * 3_600_000,
    roleMapping: parseRoleMapping(environment.ROLE_MAPPING),
    oidc: oidcProviders(environment),
    github: github(environment),
    saml: saml(environment, publicUrl),
    ldap: ldap(environment),
  };
  const { oidc, github: byGithub, saml: bySaml, ldap: byLdap } = config;
  if (!config.password && oidc.length === 0 && byGithub === null && bySaml === null && byLdap === null) {
    throw new ConfigError("SIGN_IN_PASSWORD is off and there is no provider: nobody could sign in");
  }
  return Object.freeze(config);
}

function github(environment: SignInEnvironment): GithubConfig | null {
  const { GITHUB_CLIENT_ID: clientId, GITHUB_CLIENT_SECRET: clientSecret } = environment;
  if (clientId === undefined && clientSecret === undefined) return null;
  if (clientId === undefined || clientSecret === undefined) {
    throw new ConfigError("GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET belong together");
  }
  const url = environment.GITHUB_URL.replace(/\/+$/, "");
  return {
    clientId,
    clientSecret,
    organisations: (environment.GITHUB_ORGANISATIONS ?? "")
      .split(",")
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ""),
    url,
    apiUrl: url === "https://github.com" ? "https://api.github.com" : `${url}/api/v3`,
  };
}

function saml(environment: SignInEnvironment, publicUrl: string): SamlConfig | null {
  const { SAML_ENTRY_POINT, SAML_IDP_ISSUER, SAML_IDP_CERTIFICATE } = environment;
  if (SAML_ENTRY_POINT === undefined && SAML_IDP_ISSUER === undefined) return null;
  if (SAML_ENTRY_POINT === undefined || SAML_IDP_ISSUER === undefined || SAML_IDP_CERTIFICATE === undefined) {
    throw new ConfigError("SAML_ENTRY_POINT, SAML_IDP_ISSUER and SAML_IDP_CERTIFICATE belong together");
  }
  return {
    name: environment.SAML_NAME ?? new URL(SAML_ENTRY_POINT).hostname,
    entryPoint: SAML_ENTRY_POINT,
    idpIssuer: SAML_IDP_ISSUER,
    idpCertificates: certificates("SAML_IDP_CERTIFICATE", SAML_IDP_CERTIFICATE),
    logoutUrl: environment.SAML_LOGOUT_URL ?? null,
    entityId: environment.SAML_ENTITY_ID ?? `${publicUrl}/api/auth/saml/metadata`,
    keyPair: samlKeyPair(environment),
    attributes: {
      email: environment.SAML_EMAIL_ATTRIBUTE,
      name: environment.SAML_NAME_ATTRIBUTE,
      groups: environment.SAML_GROUPS_ATTRIBUTE ?? null,
    },
  };
}

function samlKeyPair(environment: SignInEnvironment): SamlConfig["keyPair"] {
  const { SAML_PRIVATE_KEY: privateKey, SAML_CERTIFICATE: certificate } = environment;
  if (privateKey === undefined && certificate === undefined) return null;
  if (privateKey === undefined || certificate === undefined) {
    throw new ConfigError("SAML_PRIVATE_KEY and SAML_CERTIFICATE belong together");
  }
  const [first = ""] = certificates("SAML_CERTIFICATE", certificate);
  const fits = attempt("SAML_PRIVATE_KEY: a private key in PEM", () =>
    new X509Certificate(first).checkPrivateKey(createPrivateKey(privateKey)),
  );
  if (!fits) throw new ConfigError("SAML_CERTIFICATE is not the certificate of SAML_PRIVATE_KEY");
  return { privateKey, certificate: first };
}

/** One or more certificates; a bare base64 block, as metadata has it, will do too. */
function certificates(variable: string, text: string): string[] {
  const pem = text.includes("-----BEGIN")
    ? (text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [])
    : [`-----BEGIN CERTIFICATE-----\n${text.trim()}\n-----END CERTIFICATE-----`];
  if (pem.length === 0) throw new ConfigError(`${variable}: no certificate in it`);
  return attempt(`${variable}: a certificate in PEM`, () =>
    pem.map((one) => new X509Certificate(one).toString()),
  );
}

function ldap(environment: SignInEnvironment): LdapConfig | null {
  const { LDAP_URL: url, LDAP_BASE_DN: baseDn, LDAP_BIND_DN: dn, LDAP_BIND_PASSWORD: password } = environment;
  if (url === undefined && baseDn === undefined) return null;
  if (url === undefined || baseDn === undefined) {
    throw new ConfigError("LDAP_URL and LDAP_BASE_DN belong together");
  }
  if ((dn === undefined) !== (password === undefined)) {
    throw new ConfigError("LDAP_BIND_DN and LDAP_BIND_PASSWORD belong together");
  }
  if (!environment.LDAP_USER_FILTER.includes("{login}")) {
    throw new ConfigError("LDAP_USER_FILTER: it must hold {login}, or it would find anybody");
  }
  const { LDAP_CA_FILE: caFile, LDAP_GROUP_BASE_DN: groupBaseDn } = environment;
  return {
    name: environment.LDAP_NAME ?? "your organisation's account",
    url,
    startTls: url.startsWith("ldap:") && environment.LDAP_START_TLS === "on",
    ca:
      caFile === undefined
        ? null
        : attempt("LDAP_CA_FILE cannot be read", () => readFileSync(caFile, "utf8")),
    bind: dn === undefined || password === undefined ? null : { dn, password },
    baseDn,
    userFilter: environment.LDAP_USER_FILTER,
    attributes: {
      id: environment.LDAP_ID_ATTRIBUTE,
      email: environment.LDAP_EMAIL_ATTRIBUTE,
      name: environment.LDAP_NAME_ATTRIBUTE,
    },
    groups: groupBaseDn === undefined ? null : { baseDn: groupBaseDn, filter: environment.LDAP_GROUP_FILTER },
  };
}

/** What the library says may quote the value: ours says what is wanted. */
function attempt<T>(complaint: string, work: () => T): T {
  try {
    return work();
  } catch {
    throw new ConfigError(complaint);
  }
}
