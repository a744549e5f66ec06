import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDb, type Db } from "./client.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded.ts";
import { defaultAppRole } from "./migrate.ts";
import { ensureKeeper, type Keeper } from "./testing/keeper.ts";
import { withCredentials } from "./urls.ts";

/** A migrated database of a test's own. */
export interface TestDatabase {
  readonly name: string;
  /** As the services' role: what the product gets as DATABASE_URL. */
  readonly url: string;
  /** As the owner: for what a service may not. */
  readonly ownerUrl: string;
  readonly appPassword: string;
  /** A client under the services' role, made at its first use and ended by `drop`. */
  readonly db: Db;
  /** Also done when the process ends without it. */
  drop(): Promise<void>;
}

let keeper: Promise<Keeper> | undefined;

/**
 * A fresh, migrated database, on a server that all test processes of this work tree share. The first one of a run
 * starts the server (half a second); it ends with the last process that uses it, even if that is killed.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  keeper ??= ensureKeeper();
  const { greeting, ask } = await keeper;
  const reply = await ask("create");
  if (!("database" in reply)) throw new Error("the keeper made no database");
  const name = reply.database;
  const address = new URL(greeting.ownerUrl);
  address.pathname = `/${name}`;
  const ownerUrl = address.href;
  const url = withCredentials(ownerUrl, defaultAppRole, greeting.appPassword);
  let db: Db | undefined;
  return {
    name,
    url,
    ownerUrl,
    appPassword: greeting.appPassword,
    get db() {
      db ??= createDb({ url, maxConnections: 5 });
      return db;
    },
    async drop() {
      await db?.$disconnect();
      await ask(`drop ${name}`);
    },
  };
}

/**
 * A Postgres server of a test's own, for tests that kill or restart it; empty, unless `dataDir` holds one. Without
 * `dataDir` its data goes with it.
 */
export async function startPostgres(
  options: { dataDir?: string; durable?: boolean } = {},
): Promise<EmbeddedPostgres> {
  const folder = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), "rc-pg-test-")) : undefined;
  const dataDir = options.dataDir ?? join(folder ?? "", "db");
  const postgres = await startEmbeddedPostgres({ dataDir, durable: options.durable ?? false });
  return {
    ...postgres,
    async stop() {
      await postgres.stop();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
