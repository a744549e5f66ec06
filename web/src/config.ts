import { readSettings } from "@remote-claude/service/settings";
import { z } from "zod";

const Schema = z.object({
  WEB_HOST: z.string().default("127.0.0.1").describe("Address that the web process listens on"),
  WEB_PORT: z.coerce.number().int().min(0).max(65_535).default(3004).describe("Port of the web process"),
  API_INTERNAL_URL: z
    .url()
    .default("http://127.0.0.1:3001")
    .transform((url) => url.replace(/\/+$/, ""))
    .describe("Where web reaches the api without going through the gateway"),
  INTERNAL_SECRET: z
    .string()
    .min(16)
    .describe("Shared with the api: proves on /internal that it is web who asks. Or INTERNAL_SECRET_FILE"),
  PUBLIC_URL: z
    .url()
    .transform((url) => new URL(url).origin)
    .default("http://localhost:3000")
    .describe("Origin that browsers use: for cookies, Origin checks and next-auth"),
});

/** The settings of the web process. Read on the server only. */
export type Config = Readonly<z.infer<typeof Schema>>;

/** Reads and checks the environment; throws ConfigError with a line per wrong variable. */
export function readConfig(source: Record<string, string | undefined> = process.env): Config {
  const complaint = "web cannot start with these settings";
  return Object.freeze(readSettings({ complaint, schema: Schema, secrets: ["INTERNAL_SECRET"], source }));
}

let cached: Config | null = null;

/**
 * The configuration, read once. next-auth and Next take some settings from the environment alone, so this also
 * puts those there: next-auth's own address, and that Next reports nothing to anyone.
 */
export function config(): Config {
  if (cached === null) {
    cached = readConfig();
    process.env.NEXTAUTH_URL = `${cached.PUBLIC_URL}/auth`;
    process.env.NEXT_TELEMETRY_DISABLED = "1";
  }
  return cached;
}
