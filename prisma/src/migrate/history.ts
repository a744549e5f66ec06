import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type pg from "pg";

/** One folder of prisma/migrations. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hex: what Prisma writes down too. */
  readonly checksum: string;
}

/** From source (prisma/src), from this package's bundle, or from the bundle of another package of ours. */
const candidates = ["../../migrations", "../migrations", "../../prisma/migrations"];

/** The migrations, oldest first. */
export async function readMigrations(folder?: string): Promise<Migration[]> {
  const base = folder ?? (await findFolder());
  const entries = await readdir(base, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(base, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function findFolder(): Promise<string> {
  for (const candidate of candidates) {
    const folder = fileURLToPath(new URL(candidate, import.meta.url));
    const entries = await readdir(folder).catch((): string[] => []);
    if (entries.includes("migration_lock.toml")) return folder;
  }
  throw new Error("the folder prisma/migrations is missing from this installation");
}

/** The table as Prisma makes it, so that `prisma migrate` can take over where it is reachable. */
const historyTable = `
create table if not exists _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`;

interface AppliedRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/** Applies what is missing, each in a transaction with its row of history; returns the names. */
export async function applyMigrations(
  client: pg.Client,
  migrations: readonly Migration[],
): Promise<string[]> {
  await client.query(historyTable);
  const { rows } = await client.query<AppliedRow>(
    "select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null",
  );
  const missing = missingMigrations(migrations, rows);
  for (const migration of missing) await apply(client, migration);
  return missing.map(({ name }) => name);
}

/** Refuses a history that does not begin as ours does. */
function missingMigrations(migrations: readonly Migration[], applied: readonly AppliedRow[]): Migration[] {
  const byName = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const row of applied) {
    const migration = byName.get(row.migration_name);
    if (migration === undefined) {
      throw new Error(
        `the database was migrated by another release (it holds ${row.migration_name}): start that one, or a newer`,
      );
    }
    if (row.finished_at === null) {
      throw new Error(`the migration ${row.migration_name} was begun and not finished: restore a backup`);
    }
    if (migration.checksum !== row.checksum) {
      throw new Error(
        `the migration ${row.migration_name} was changed after it was applied: add a new one instead`,
      );
    }
  }
  const names = new Set(applied.map((row) => row.migration_name));
  const missing = migrations.filter(({ name }) => !names.has(name));
  const lastApplied = [...names].sort().at(-1);
  const early = missing.find(({ name }) => lastApplied !== undefined && name < lastApplied);
  if (early !== undefined) {
    throw new Error(
      `the migration ${early.name} sorts before ${lastApplied}, which is applied: give it a later name`,
    );
  }
  return missing;
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       values ($1, $2, clock_timestamp(), $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback");
    throw new Error(`the migration ${name} failed: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}
