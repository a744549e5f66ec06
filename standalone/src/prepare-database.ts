/**
 * Brings the database up to date, in a process of its own that ends: what it loads for that (the queue's library,
 * the database driver) would stay in the supervisor's memory as long as the product runs. The supervisor sends one
 * Preparation over the channel and reads log lines from stdout.
 */
import { migrate } from "@remote-claude/prisma/migrate";
import pg from "pg";
import { Preparation } from "./preparation.ts";

const write = (level: number) => (details: object, msg: string) =>
  process.stdout.write(`${JSON.stringify({ level, time: Date.now(), name: "database", ...details, msg })}\n`);
const log = { info: write(30), warn: write(40), error: write(50) };

/** The embedded server is new at the first start: the database is made in it. */
async function ensureDatabase(serverUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

process.once("message", async (message) => {
  try {
    const { create, ...options } = Preparation.parse(message);
    if (create !== null) await ensureDatabase(create.serverUrl, create.name);
    await migrate({ ...options, log });
  } catch (error) {
    log.error({}, error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
  process.disconnect();
});
