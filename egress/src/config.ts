import { parseSealingKeys, type SealingKey } from "@remote-claude/prisma/sealing";
import { ConfigError, readSettings } from "@remote-claude/service/settings";
import { readTemplates, type Templates } from "@remote-claude/service/templates";
import { z } from "zod";
import { type HostRule, parseHostRules } from "./policy.ts";

const Port = z.coerce.number().int().min(0).max(65535);
const HttpUrl = z.url({ protocol: /^https?$/ });
const Key = z
  .string()
  .regex(/^[\x21-\x7e]{1,4096}$/, "a key is printable characters without spaces")
  .optional();

/** Every variable that egress reads. Those in `secretVariables` may also be given as NAME_FILE. */
export const Environment = z.object({
  LOG_LEVEL: z
    .enum(["silent", "fatal", "error", "warn", "info", "debug", "trace"])
    .default("info")
    .describe("What is logged"),
  EGRESS_HOST: z.string().default("127.0.0.1").describe("The address of the internal health server"),
  EGRESS_PORT: Port.default(3003).describe("Its port; 0 is any free one"),
  DATABASE_URL: z.string().min(1).describe("Postgres, as the services' role"),
  RUN_DIR: z.string().min(1).describe("The directory of the places' sockets"),
  TEMPLATES_FILE: z
    .string()
    .optional()
    .describe("templates.yaml; without it there is the built-in `default` alone"),
  ANTHROPIC_API_KEY: Key.describe("Sent as x-api-key; comes before the other two"),
  ANTHROPIC_AUTH_TOKEN: Key.describe("Sent as a Bearer token"),
  CLAUDE_CODE_OAUTH_TOKEN: Key.describe("Sent as a Bearer token with the OAuth beta"),
  ANTHROPIC_BASE_URL: HttpUrl.default("https://api.anthropic.com").describe("Where model requests go"),
  GIT_CREDENTIAL_KEYS: z
    .string()
    .min(1)
    .describe("id:key, one or more: what git credentials are sealed under, as the api has them"),
  EGRESS_ALLOWED_HOSTS: z
    .string()
    .default("")
    .describe("host, *.host, host:port, comma-separated; added to the defaults, or instead of them after ="),
  EGRESS_UPSTREAM_PROXY: HttpUrl.optional().describe(
    "http(s)://[user:password@]host:port for all that leaves",
  ),
});
type Environment = z.infer<typeof Environment>;

export const secretVariables = [
  "DATABASE_URL",
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "CLAUDE_CODE_OAUTH_TOKEN",
  "GIT_CREDENTIAL_KEYS",
  "EGRESS_UPSTREAM_PROXY",
] as const satisfies readonly (keyof Environment)[];

/** What proves this installation to the model endpoint. It never leaves this process but to there. */
export interface ModelKey {
  readonly kind: "api-key" | "auth-token" | "oauth-token";
  readonly value: string;
}

/** Settings of egress, checked and frozen; nothing else reads the environment. */
export interface Config {
  readonly logLevel: Environment["LOG_LEVEL"];
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly runDir: string;
  readonly templates: Templates;
  readonly modelKey: ModelKey | null;
  readonly modelBaseUrl: URL;
  readonly gitCredentialKeys: readonly SealingKey[];
  readonly upstreamProxy: URL | null;
  readonly hosts: HostSettings;
}

/** EGRESS_ALLOWED_HOSTS, taken apart. */
export interface HostSettings {
  readonly rules: readonly HostRule[];
  /** false: these rules stand instead of the built-in ones. */
  readonly withDefaults: boolean;
}

/** Reads and checks everything at once. Throws ConfigError naming what is missing or wrong. */
export function loadConfig(source: Record<string, string | undefined> = process.env): Config {
  const environment = readSettings({
    complaint: "egress cannot start with these settings",
    schema: Environment,
    secrets: secretVariables,
    source,
  });
  return Object.freeze({
    logLevel: environment.LOG_LEVEL,
    host: environment.EGRESS_HOST,
    port: environment.EGRESS_PORT,
    databaseUrl: environment.DATABASE_URL,
    runDir: environment.RUN_DIR,
    templates: readCheckedTemplates(environment.TEMPLATES_FILE),
    modelKey: chooseKey(environment),
    modelBaseUrl: new URL(environment.ANTHROPIC_BASE_URL),
    gitCredentialKeys: readGitCredentialKeys(environment.GIT_CREDENTIAL_KEYS),
    upstreamProxy: environment.EGRESS_UPSTREAM_PROXY ? new URL(environment.EGRESS_UPSTREAM_PROXY) : null,
    hosts: readHosts(environment.EGRESS_ALLOWED_HOSTS),
  });
}

/** Claude Code's own order, so that an environment that works for it means the same here. */
function chooseKey(environment: Environment): ModelKey | null {
  const { ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, CLAUDE_CODE_OAUTH_TOKEN } = environment;
  if (ANTHROPIC_API_KEY !== undefined) return { kind: "api-key", value: ANTHROPIC_API_KEY };
  if (ANTHROPIC_AUTH_TOKEN !== undefined) return { kind: "auth-token", value: ANTHROPIC_AUTH_TOKEN };
  if (CLAUDE_CODE_OAUTH_TOKEN !== undefined) return { kind: "oauth-token", value: CLAUDE_CODE_OAUTH_TOKEN };
  return null;
}

function readGitCredentialKeys(text: string): readonly SealingKey[] {
  try {
    return parseSealingKeys(text);
  } catch (error) {
    throw new ConfigError(`GIT_CREDENTIAL_KEYS: ${(error as Error).message}`);
  }
}

function readHosts(text: string): HostSettings {
  const replace = text.trimStart().startsWith("=");
  try {
    const rules = parseHostRules((replace ? text.trimStart().slice(1) : text).split(","));
    return { rules, withDefaults: !replace };
  } catch (error) {
    throw new ConfigError(`EGRESS_ALLOWED_HOSTS: ${(error as Error).message}`);
  }
}

/** The templates, whose hosts must be ones that can be compared. */
function readCheckedTemplates(file: string | undefined): Templates {
  const templates = readTemplates(file);
  for (const { name, egress } of templates.values()) {
    try {
      parseHostRules(egress.hosts);
    } catch (error) {
      throw new ConfigError(`TEMPLATES_FILE: ${name}: ${(error as Error).message}`);
    }
  }
  return templates;
}
