import { homedir } from "node:os";
import { isAbsolute, resolve } from "node:path";
import { ConfigError, parseOrigin, readSettings, withoutEmpty } from "@remote-claude/service/settings";
import { z } from "zod";

const Url = z.url({ protocol: /^https?$/ });
const optionalText = z.string().optional();

/** What the supervisor itself reads. Those in `secretVariables` may also be given as NAME_FILE. */
export const Environment = z.object({
  PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65535)
    .default(3000)
    .describe("The port people open in their browser"),
  HOST: z
    .string()
    .default("localhost")
    .describe(
      "The address to listen on: localhost (this machine alone), 0.0.0.0 or :: (every network), or one address",
    ),
  PUBLIC_URL: Url.optional().describe("The origin people open; default http://localhost:$PORT"),
  REMOTE_CLAUDE_DATA_DIR: optionalText.describe("Where everything is kept; default ~/.remote-claude"),
  LOG_LEVEL: z
    .enum(["error", "warn", "info", "debug", "trace"])
    .default("info")
    .describe("What the services write to their logs"),
  SESSION_RUNTIME: z
    .enum(["local", "docker"])
    .default("local")
    .describe("What sessions run in: bubblewrap, or containers of this machine's Docker Engine"),
  DATABASE_URL: optionalText.describe(
    "A Postgres of your own (as the services' role) instead of the embedded one",
  ),
  DATABASE_OWNER_URL: optionalText.describe(
    "The same Postgres as the role that owns the tables, for migrations",
  ),
});
type Environment = z.infer<typeof Environment>;

export const secretVariables = [
  "DATABASE_URL",
  "DATABASE_OWNER_URL",
] as const satisfies readonly (keyof Environment)[];

/** The supervisor's settings, checked and frozen. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** An origin: no path, no slash at the end. */
  readonly publicUrl: string;
  readonly dataDir: string;
  readonly logLevel: Environment["LOG_LEVEL"];
  readonly sessionRuntime: Environment["SESSION_RUNTIME"];
  /** null: the embedded Postgres. */
  readonly database: { readonly url: string; readonly ownerUrl: string } | null;
  /** Services run from their sources and start again when these change. */
  readonly dev: boolean;
  /** The whole environment, from which each service is given its own part. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Reads and checks everything at once. Throws ConfigError naming what is missing or wrong. */
export function loadConfig(
  source: Record<string, string | undefined> = process.env,
  args: readonly string[] = process.argv.slice(2),
): Config {
  const environment = withoutEmpty(source);
  const values = readSettings({
    complaint: "These settings cannot be used",
    schema: Environment,
    secrets: secretVariables,
    source,
  });
  const { DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl } = values;
  if (ownerUrl !== undefined && url === undefined) {
    throw new ConfigError("DATABASE_OWNER_URL is set but DATABASE_URL is not: set both, or neither");
  }
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    publicUrl: parseOrigin(values.PUBLIC_URL ?? `http://localhost:${values.PORT}`),
    dataDir: resolve(expandHome(values.REMOTE_CLAUDE_DATA_DIR ?? "~/.remote-claude")),
    logLevel: values.LOG_LEVEL,
    sessionRuntime: values.SESSION_RUNTIME,
    database: url === undefined ? null : Object.freeze({ url, ownerUrl: ownerUrl ?? url }),
    dev: args.includes("--dev"),
    environment: Object.freeze(environment),
  });
}

/** A shell expands `~` only at the start of a word, so `NAME="~/x"` and .env files bring it here as it is. */
function expandHome(path: string): string {
  if (isAbsolute(path)) return path;
  return path === "~" || path.startsWith("~/") ? `${homedir()}${path.slice(1)}` : path;
}
