import { readFileSync } from "node:fs";
import type { z } from "zod";

/** A setting that cannot be used; the message names the variable and never its value. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** What a service ends with that cannot start with its settings (EX_CONFIG): trying again would not help. */
export const settingsExitStatus = 78;

export type EnvironmentSource = Readonly<Record<string, string | undefined>>;

export interface SettingsOptions<Schema extends z.ZodType> {
  /** Begins the message when something is wrong: a sentence without its colon. */
  readonly complaint: string;
  readonly schema: Schema;
  /** Variables that may also be given as NAME_FILE. */
  readonly secrets: readonly string[];
  readonly source: EnvironmentSource;
}

/** Reads and checks all variables at once. Throws ConfigError naming every one that is missing or wrong. */
export function readSettings<Schema extends z.ZodType>(options: SettingsOptions<Schema>): z.output<Schema> {
  const { complaint, schema, secrets, source } = options;
  const result = schema.safeParse(withSecretFiles(withoutEmpty(source), secrets));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new ConfigError(`${complaint}:\n  ${problems.join("\n  ")}`);
}

/** An empty variable counts as absent, as compose files and shells leave them. */
export function withoutEmpty(source: EnvironmentSource): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (value !== undefined && value !== "") values[name] = value;
  }
  return values;
}

/**
 * NAME_FILE stands in for NAME where that is not set: compose names every file, and a setting in .env wins.
 * The line's end at the end of the file is not part of the secret.
 */
function withSecretFiles(values: Record<string, string>, secrets: readonly string[]): Record<string, string> {
  for (const name of secrets) {
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

/** PUBLIC_URL as an origin: no path, no slash at the end. */
export function parseOrigin(url: string): string {
  const { origin, pathname, search, hash } = new URL(url);
  if (pathname !== "/" || search !== "" || hash !== "") {
    throw new ConfigError("PUBLIC_URL: an origin without a path, such as https://claude.example.org");
  }
  return origin;
}
