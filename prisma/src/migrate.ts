import pg from "pg";
import type { Log } from "./log.ts";
import { ensureAppRole, grantToApp } from "./migrate/grants.ts";
import { applyMigrations, readMigrations } from "./migrate/history.ts";
import { ensureQueue, queueSchema } from "./migrate/queue.ts";

export { databaseUrl, withCredentials } from "./urls.ts";
export { queueSchema };

/** The services' role, unless told otherwise. */
export const defaultAppRole = "remote_claude_app";

export interface MigrateOptions {
  /** Of the owner: the database's owner, who may create roles (or a superuser). */
  readonly ownerUrl: string;
  readonly appRole?: string;
  /** The services' role gets this password. */
  readonly appPassword: string;
  readonly log?: Log;
  /** Default: prisma/migrations of this installation. */
  readonly migrationsDir?: string;
}

export interface MigrateResult {
  /** Names of the migrations that were applied now. */
  readonly applied: string[];
  readonly queue: "made" | "updated" | "present";
}

/** The number under which Prisma's own migrations lock: they and we exclude each other. */
const lockNumber = 72707369;

/**
 * Brings the database to this release: migrations, the task queue's tables, the services' role and its grants, the
 * coming months of the audit record. May be run again, and by several at once: one works, the others wait.
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const role = options.appRole ?? defaultAppRole;
  const migrations = await readMigrations(options.migrationsDir);
  const client = new pg.Client({
    connectionString: options.ownerUrl,
    application_name: "remote-claude migrate",
  });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [lockNumber]);
    await client.query("set search_path = public");
    const applied = await applyMigrations(client, migrations);
    const queue = await ensureQueue(client);
    const given = await ensureAppRole(client, role, options.appPassword);
    if (given === "not ours to alter")
      options.log?.warn({ role }, "the owner may not set the role's password");
    await grantToApp(client, role);
    await client.query("select ensure_audit_partitions()");
    options.log?.info({ applied, queue }, "database is up to date");
    return { applied, queue };
  } finally {
    // The lock goes with the connection.
    await client.end();
  }
}
