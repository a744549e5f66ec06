import { createHash } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { type Prisma, PrismaClient } from "./generated/client.ts";
import { createRead, type Read } from "./statement.ts";

/** The database as the services see it. End it with `$disconnect()`. */
export type Db = PrismaClient;
/** What `db.$transaction(async (transaction) => …)` hands out; every Db fits too where one is wanted. */
export type Transaction = Prisma.TransactionClient;

export interface DbOptions {
  /** Of the services' role. */
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  readonly maxConnections?: number;
  /** A connection broke while idle (Postgres restarted, say). The next query takes a new one. */
  readonly onConnectionError?: (error: Error) => void;
}

/** A client with a pool of its own. It connects at the first query. */
export function createDb(options: DbOptions): Db {
  return openDb(options).db;
}

/** The same, and a way to the same pool for statements that are asked with every request. */
export function openDb(options: DbOptions): { db: Db; read: Read } {
  const ignore = () => undefined;
  const onConnectionError = options.onConnectionError ?? ignore;
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName ?? "remote-claude",
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  });
  // Prisma listens once it has connected; what breaks before that is no reason to end.
  pool.on("error", ignore);
  const adapter = new PrismaPg(pool, {
    disposeExternalPool: true,
    onPoolError: onConnectionError,
    onConnectionError,
    statementNameGenerator: ({ sql }) => statementName(sql),
  });
  const db = new PrismaClient({
    adapter,
    errorFormat: "minimal",
    transactionOptions: { maxWait: 10_000, timeout: 30_000 },
  });
  return { db, read: createRead(pool) };
}

const statementNames = new Map<string, string>();

/**
 * Names the statements that come often, so that Postgres parses and plans them once a connection. The number is
 * bounded, because a list of parameters makes a new text for each length: what comes after that goes unnamed.
 */
function statementName(sql: string): string {
  const known = statementNames.get(sql);
  if (known !== undefined) return known;
  if (statementNames.size >= 500) return "";
  const name = `s${createHash("sha1").update(sql).digest("hex")}`;
  statementNames.set(sql, name);
  return name;
}
