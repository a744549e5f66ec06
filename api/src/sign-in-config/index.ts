import { readFileSync } from "node:fs";
import { ConfigError } from "@remote-claude/service/settings";
import { attempt } from "./attempt.ts";
import type { SignInEnvironment } from "./environment.ts";
import { type OidcConfig, oidcProviders } from "./oidc.ts";
import { parseRoleMapping, type RoleMapping } from "./role-mapping.ts";
import { type SamlConfig, saml } from "./saml.ts";

export { SignInEnvironment, signInSecrets } from "./environment.ts";
export type { OidcConfig } from "./oidc.ts";
export { type GroupRule, parseRoleMapping, type RoleMapping } from "./role-mapping.ts";
export type { SamlConfig } from "./saml.ts";
export { MetadataError, readSamlMetadata, type SamlIdp } from "./saml-metadata.ts";

export interface GithubConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Lower case; empty: everybody. */
  readonly organisations: readonly string[];
  readonly url: string;
  readonly apiUrl: string;
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
  /** Whether an address counts as verified because the directory has it. */
  readonly trustEmail: boolean;
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
  const providers = {
    oidc: oidcProviders(environment),
    github: github(environment),
    saml: saml(environment, publicUrl),
    ldap: ldap(environment),
  };
  const config: SignInConfig = {
    password: environment.SIGN_IN_PASSWORD === "on",
    signUp: environment.SIGN_UP === "on",
    maxMs: environment.SIGN_IN_MAX_HOURS * 3_600_000,
    roleMapping: parseRoleMapping(environment.ROLE_MAPPING, idsOf(providers)),
    ...providers,
  };
  const { oidc, github: byGithub, saml: bySaml, ldap: byLdap } = config;
  if (!config.password && oidc.length === 0 && byGithub === null && bySaml === null && byLdap === null) {
    throw new ConfigError("SIGN_IN_PASSWORD is off and there is no provider: nobody could sign in");
  }
  return Object.freeze(config);
}

function idsOf({ oidc, ...others }: Pick<SignInConfig, "oidc" | "github" | "saml" | "ldap">): string[] {
  const single = Object.entries(others).flatMap(([id, provider]) => (provider === null ? [] : [id]));
  return [...oidc.map(({ id }) => id), ...single];
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
    trustEmail: environment.LDAP_TRUST_EMAIL === "on",
    groups: groupBaseDn === undefined ? null : { baseDn: groupBaseDn, filter: environment.LDAP_GROUP_FILTER },
  };
}
