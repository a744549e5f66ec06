import { readSettings } from "@remote-claude/service/settings";
import { z } from "zod";

/** Every variable the migration runner reads. Those in `secretVariables` may also be given as NAME_FILE. */
export const Environment = z.object({
  DATABASE_OWNER_URL: z
    .string()
    .min(1)
    .describe("Postgres, as the owner of the database; migrations alone use it"),
  DATABASE_APP_ROLE: z.string().min(1).default("remote_claude_app").describe("The services' role"),
  DATABASE_APP_PASSWORD: z
    .string()
    .min(8, "at least 8 characters")
    .describe("The password the services' role gets"),
});

export const secretVariables = ["DATABASE_OWNER_URL", "DATABASE_APP_PASSWORD"] as const;

export interface Config {
  readonly ownerUrl: string;
  readonly appRole: string;
  readonly appPassword: string;
}

/** Throws ConfigError naming every variable that is missing or wrong. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const complaint = "The database cannot be migrated with these settings";
  const read = readSettings({
    complaint,
    schema: Environment,
    secrets: secretVariables,
    source: environment,
  });
  return Object.freeze({
    ownerUrl: read.DATABASE_OWNER_URL,
    appRole: read.DATABASE_APP_ROLE,
    appPassword: read.DATABASE_APP_PASSWORD,
  });
}
