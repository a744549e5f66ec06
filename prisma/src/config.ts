import { readFile } from "node:fs/promises";
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

/** Throws with the name of the variable that is missing or wrong. */
export async function readConfig(environment: NodeJS.ProcessEnv = process.env): Promise<Config> {
  // An empty variable counts as absent, as compose files leave them.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  for (const name of secretVariables) {
    const file = given[`${name}_FILE`];
    if (given[name] === undefined && file !== undefined) given[name] = (await readFile(file, "utf8")).trim();
  }
  const result = Environment.safeParse(given);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { DATABASE_OWNER_URL, DATABASE_APP_ROLE, DATABASE_APP_PASSWORD } = result.data;
  return Object.freeze({
    ownerUrl: DATABASE_OWNER_URL,
    appRole: DATABASE_APP_ROLE,
    appPassword: DATABASE_APP_PASSWORD,
  });
}
