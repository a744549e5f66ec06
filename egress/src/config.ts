import { readFileSync } from "node:fs";
import { defaultTemplate, type Template, TemplatesFile } from "@remote-claude/protocol";
import { parse as parseYaml } from "yaml";
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
  /** By name; `default` is always there. */
  readonly templates: ReadonlyMap<string, Template>;
  readonly modelKey: ModelKey | null;
  readonly modelBaseUrl: URL;
  readonly upstreamProxy: URL | null;
  readonly hosts: HostSettings;
}

/** EGRESS_ALLOWED_HOSTS, taken apart. */
export interface HostSettings {
  readonly rules: readonly HostRule[];
  /** false: these rules stand instead of the built-in ones. */
  readonly withDefaults: boolean;
}

/** A setting that cannot be used; the message names the variable and never its value. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** Reads and checks everything at once. Throws ConfigError naming what is missing or wrong. */
export function loadConfig(source: Record<string, string | undefined> = process.env): Config {
  const environment = parseEnvironment(withSecretFiles(source));
  return Object.freeze({
    logLevel: environment.LOG_LEVEL,
    host: environment.EGRESS_HOST,
    port: environment.EGRESS_PORT,
    databaseUrl: environment.DATABASE_URL,
    runDir: environment.RUN_DIR,
    templates: readTemplates(environment.TEMPLATES_FILE),
    modelKey: chooseKey(environment),
    modelBaseUrl: new URL(environment.ANTHROPIC_BASE_URL),
    upstreamProxy: environment.EGRESS_UPSTREAM_PROXY ? new URL(environment.EGRESS_UPSTREAM_PROXY) : null,
    hosts: readHosts(environment.EGRESS_ALLOWED_HOSTS),
  });
}

/** NAME_FILE stands in for NAME where that is not set; an empty variable counts as absent, as compose files leave them. */
function withSecretFiles(source: Record<string, string | undefined>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (value !== undefined && value !== "") values[name] = value;
  }
  for (const name of secretVariables) {
    const file = values[`${name}_FILE`];
    if (file === undefined || values[name] !== undefined) continue;
    try {
      const text = readFileSync(file, "utf8").replace(/\r?\n$/, "");
      if (text !== "") values[name] = text;
    } catch (error) {
      throw new ConfigError(`${name}_FILE cannot be read: ${(error as Error).message}`);
    }
  }
  return values;
}

function parseEnvironment(values: Record<string, string>): Environment {
  const result = Environment.safeParse(values);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new ConfigError(`egress cannot start with these settings:\n  ${problems.join("\n  ")}`);
}

/** Claude Code's own order, so that an environment that works for it means the same here. */
function chooseKey(environment: Environment): ModelKey | null {
  const { ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, CLAUDE_CODE_OAUTH_TOKEN } = environment;
  if (ANTHROPIC_API_KEY !== undefined) return { kind: "api-key", value: ANTHROPIC_API_KEY };
  if (ANTHROPIC_AUTH_TOKEN !== undefined) return { kind: "auth-token", value: ANTHROPIC_AUTH_TOKEN };
  if (CLAUDE_CODE_OAUTH_TOKEN !== undefined) return { kind: "oauth-token", value: CLAUDE_CODE_OAUTH_TOKEN };
  return null;
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

function readTemplates(file: string | undefined): ReadonlyMap<string, Template> {
  const templates = new Map([[defaultTemplate.name, defaultTemplate]]);
  if (file === undefined) return templates;
  let parsed: z.ZodSafeParseResult<TemplatesFile>;
  try {
    parsed = TemplatesFile.safeParse(parseYaml(readFileSync(file, "utf8")));
  } catch (error) {
    throw new ConfigError(`TEMPLATES_FILE cannot be read: ${(error as Error).message}`);
  }
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(`TEMPLATES_FILE: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  for (const template of parsed.data.templates) {
    try {
      parseHostRules(template.egress.hosts);
    } catch (error) {
      throw new ConfigError(`TEMPLATES_FILE: ${template.name}: ${(error as Error).message}`);
    }
    templates.set(template.name, template);
  }
  return templates;
}
