import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDb } from "./client.ts";
import type { EmbeddedPostgres } from "./embedded.ts";
import { defaultAppRole, type MigrateOptions, migrate, queueSchema, withCredentials } from "./migrate.ts";
import { startPostgres } from "./testing.ts";

const original = fileURLToPath(new URL("../migrations", import.meta.url));
const appPassword = "a password of the services";
const released = (await readdir(original)).filter((name) => /^\d/.test(name)).sort();
let postgres: EmbeddedPostgres;
let folder: string;
let count = 0;
let options: MigrateOptions & { migrationsDir: string };

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  count += 1;
  await postgres.ensureDatabase(`db${count}`);
  folder = await mkdtemp(join(tmpdir(), "rc-migrations-"));
  await cp(original, folder, { recursive: true });
  options = { ownerUrl: postgres.ownerUrl(`db${count}`), appPassword, migrationsDir: folder };
  return () => rm(folder, { recursive: true });
});

async function query<Row extends pg.QueryResultRow>(sql: string, url = options.ownerUrl): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function addMigration(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, "migration.sql"), sql);
}

describe("the migration runner", () => {
  it("applies all once, and nothing the second time", async () => {
    const first = await migrate(options);
    expect(first.applied).toEqual(released);
    expect(first.queue).toBe("made");
    expect(await migrate(options)).toEqual({ applied: [], queue: "present" });
  });

  it("lets one of several work while the others wait", async () => {
    const results = await Promise.all(Array.from({ length: 4 }, () => migrate(options)));
    expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 0, released.length]);
  });

  it("gives each of several databases of one server the same role, at once", async () => {
    const names = ["twin1", "twin2", "twin3"];
    for (const name of names) await postgres.ensureDatabase(name);
    await Promise.all(names.map((name) => migrate({ ...options, ownerUrl: postgres.ownerUrl(name) })));
    const url = withCredentials(postgres.ownerUrl("twin2"), defaultAppRole, appPassword);
    expect(await query("select current_user as role", url)).toEqual([{ role: defaultAppRole }]);
  });

  it("applies what a later release adds", async () => {
    await migrate(options);
    await addMigration("20990101000000_more", 'create table "more" ("id" uuid primary key);');
    expect((await migrate(options)).applied).toEqual(["20990101000000_more"]);
    const url = withCredentials(options.ownerUrl, defaultAppRole, appPassword);
    expect(await query('select count(*)::int as n from "more"', url)).toEqual([{ n: 0 }]);
  });

  it("refuses a migration that was changed after it was applied", async () => {
    await migrate(options);
    const file = join(folder, "20261120000100_guards/migration.sql");
    await writeFile(file, `${await readFile(file, "utf8")}\n-- a harmless remark`);
    await expect(migrate(options)).rejects.toThrow("20261120000100_guards was changed after it was applied");
  });

  it("refuses a database that a newer release migrated", async () => {
    await addMigration("20990101000000_more", "select 1;");
    await migrate(options);
    await rm(join(folder, "20990101000000_more"), { recursive: true });
    await expect(migrate(options)).rejects.toThrow(
      "migrated by another release (it holds 20990101000000_more)",
    );
  });

  it("refuses a new migration that sorts before an applied one", async () => {
    await migrate(options);
    await addMigration("20200101000000_late", "select 1;");
    await expect(migrate(options)).rejects.toThrow("give it a later name");
  });

  it("leaves nothing of a migration that fails in its middle, and goes on once it is right", async () => {
    await addMigration("20990101000000_more", "create table half (a int); select 1 / 0;");
    await expect(migrate(options)).rejects.toThrow("20990101000000_more failed: division by zero");
    expect(await query("select to_regclass('half') as name")).toEqual([{ name: null }]);
    await writeFile(join(folder, "20990101000000_more/migration.sql"), "create table half (a int);");
    expect((await migrate(options)).applied).toEqual(["20990101000000_more"]);
  });

  it("works for an owner who is no superuser", async () => {
    await query("create role owner_of_all login createrole password 'of the owner'");
    await query(`alter database db${count} owner to owner_of_all`);
    const ownerUrl = withCredentials(options.ownerUrl, "owner_of_all", "of the owner");
    const other = { ...options, ownerUrl, appRole: "app_of_it" };
    await migrate(other);
    await migrate(other);
    const url = withCredentials(options.ownerUrl, "app_of_it", appPassword);
    const [row] = await query<{ made: number }>("select ensure_audit_partitions(5) as made", url);
    expect(row).toEqual({ made: 2 });
    await expect(query("delete from audit_logs", url)).rejects.toThrow("permission denied");
  });

  it("refuses to give the services a role that may do anything", async () => {
    await query("create role too_mighty superuser");
    await expect(migrate({ ...options, appRole: "too_mighty" })).rejects.toThrow("may do anything");
  });

  it("gives the services' role the new password when it changed", async () => {
    await migrate(options);
    await migrate({ ...options, appPassword: "another one" });
    const url = (password: string) => withCredentials(options.ownerUrl, defaultAppRole, password);
    await expect(query("select 1", url(appPassword))).rejects.toThrow("password authentication failed");
    await expect(query("select 1", url("another one"))).resolves.toHaveLength(1);
  });
});

describe("the task queue", () => {
  it("runs under the services' role, in the transaction of the row", async () => {
    await migrate(options);
    const url = withCredentials(options.ownerUrl, defaultAppRole, appPassword);
    const db = createDb({ url });
    const problems: unknown[] = [];
    const boss = new PgBoss({ connectionString: url, schema: queueSchema, migrate: false });
    boss.on("error", (error) => problems.push(error));
    await boss.start();
    await boss.createQueue("tasks", { retryLimit: 2 });
    const send = (to: string, fail: boolean) =>
      db.$transaction(async (transaction) => {
        await transaction.user.create({ data: { email: to, name: to } });
        const executeSql = async (text: string, values: unknown[] = []) => ({
          rows: await transaction.$queryRawUnsafe<unknown[]>(text, ...values),
        });
        await boss.send("tasks", { to }, { db: { executeSql } });
        if (fail) throw new Error("no");
      });
    await send("first@example.org", false);
    await expect(send("second@example.org", true)).rejects.toThrow("no");
    const jobs = await boss.fetch<{ to: string }>("tasks", { batchSize: 10 });
    expect(jobs.map(({ data }) => data.to)).toEqual(["first@example.org"]);
    await boss.complete("tasks", jobs[0]?.id ?? "");
    await boss.supervise("tasks");
    await boss.stop();
    await db.$disconnect();
    expect(problems).toEqual([]);
  });

  it("is brought up from an older version of its tables", async () => {
    const { getMigrationPlans } = await import("pg-boss");
    expect(getMigrationPlans(queueSchema, 30)).toContain("COMMIT;");
    await migrate(options);
    // As far back as the tables of today still allow every step.
    await query(`update ${queueSchema}.version set version = 39`);
    expect((await migrate(options)).queue).toBe("updated");
    expect((await migrate(options)).queue).toBe("present");
  });
});
