import { readFileSync } from "node:fs";
import { ConfigError } from "@remote-claude/service/settings";
import { parse } from "yaml";
import { z } from "zod";
import type { SignInEnvironment } from "./environment.ts";

/** One OpenID Connect provider. */
export interface OidcConfig {
  /** In addresses and in `user_identities`: another id is another provider, whose people are linked anew. */
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
  readonly groupsClaim: string | null;
  readonly trustEmail: boolean;
}

/** What next-auth and we use already. */
const taken = new Set([
  "password",
  "link",
  "code",
  "ldap",
  "saml",
  "github",
  "signin",
  "signout",
  "callback",
]);

const ProviderId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, "an id is a-z, 0-9 and dashes")
  .refine((id) => !taken.has(id), "this id is taken");

const ProvidersFile = z.array(
  z.strictObject({
    id: ProviderId,
    name: z.string().min(1).max(60),
    issuer: z.url({ protocol: /^https?$/ }),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1).optional(),
    clientSecretFile: z.string().optional(),
    scopes: z.string().default("openid email profile"),
    groupsClaim: z.string().optional(),
    trustEmail: z.boolean().default(false),
  }),
);

export function oidcProviders(environment: SignInEnvironment): readonly OidcConfig[] {
  const first = fromEnvironment(environment);
  const further = fromFile(environment.OIDC_PROVIDERS_FILE);
  const all = first === null ? further : [first, ...further];
  const twice = all.find(({ id }, index) => all.findIndex((other) => other.id === id) !== index);
  if (twice !== undefined) throw new ConfigError(`Two OpenID Connect providers have the id ${twice.id}`);
  return Object.freeze(all);
}

function fromEnvironment(environment: SignInEnvironment): OidcConfig | null {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_ID = "oidc" } = environment;
  const given = [OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET].filter((value) => value !== undefined);
  if (given.length === 0) return null;
  if (OIDC_ISSUER === undefined || OIDC_CLIENT_ID === undefined || OIDC_CLIENT_SECRET === undefined) {
    throw new ConfigError("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together");
  }
  const id = ProviderId.safeParse(OIDC_ID);
  if (!id.success) throw new ConfigError(`OIDC_ID: ${id.error.issues[0]?.message}`);
  return {
    id: id.data,
    name: environment.OIDC_NAME ?? new URL(OIDC_ISSUER).hostname,
    issuer: OIDC_ISSUER,
    clientId: OIDC_CLIENT_ID,
    clientSecret: OIDC_CLIENT_SECRET,
    scopes: withOpenId(environment.OIDC_SCOPES ?? "openid email profile"),
    groupsClaim: environment.OIDC_GROUPS_CLAIM ?? null,
    trustEmail: environment.OIDC_TRUST_EMAIL === "on",
  };
}

function fromFile(path: string | undefined): OidcConfig[] {
  if (path === undefined) return [];
  return parseFile(path).map(({ clientSecret, clientSecretFile, groupsClaim, ...entry }) => {
    const secret =
      clientSecret ?? (clientSecretFile === undefined ? undefined : read(clientSecretFile).trim());
    if (secret === undefined || secret === "") {
      throw new ConfigError(`${path}: ${entry.id} needs clientSecret or clientSecretFile`);
    }
    return {
      ...entry,
      clientSecret: secret,
      scopes: withOpenId(entry.scopes),
      groupsClaim: groupsClaim ?? null,
    };
  });
}

function parseFile(path: string): z.infer<typeof ProvidersFile> {
  let value: unknown;
  try {
    value = parse(read(path)) ?? [];
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${path} is not YAML`);
  }
  const result = ProvidersFile.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ConfigError(`${path}: ${issue?.path.join(".")}: ${issue?.message}`);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

const withOpenId = (scopes: string) =>
  scopes.split(/\s+/).includes("openid") ? scopes.trim() : `openid ${scopes}`.trim();
