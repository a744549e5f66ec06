import pg from "pg";
import { queueSchema } from "./queue.ts";

/** Tables to which the services may add, and which they may read, no more. */
export const appendOnlyTables = [
  "audit_logs",
  "audit_keys",
  "audit_seals",
  "audit_seal_rows",
  "audit_seal_copies",
  "audit_tombstones",
] as const;

/** What the services say of an act. When it was, and in which transaction, Postgres says: nobody dates a row back. */
const auditColumns = [
  "id",
  "actor_kind",
  "user_id",
  "token_id",
  "on_behalf_of",
  "action",
  "result",
  "session_id",
  "target",
  "address",
  "user_agent",
  "request_id",
  "details",
] as const;

/**
 * Makes the services' role, or gives it the password. Roles belong to the whole server while our lock is one
 * database's: another runner may change the same role at the same moment. A role that the owner may not alter is
 * someone else's to look after.
 */
export async function ensureAppRole(
  client: pg.Client,
  role: string,
  password: string,
): Promise<"made" | "altered" | "not ours to alter"> {
  const name = pg.escapeIdentifier(role);
  const secret = pg.escapeLiteral(password);
  for (let attempt = 1; ; attempt += 1) {
    const { rows } = await client.query<{ mighty: boolean }>(
      "select rolsuper or rolcreaterole or rolbypassrls as mighty from pg_roles where rolname = $1",
      [role],
    );
    if (rows[0]?.mighty) {
      throw new Error(
        `the role ${role} may do anything: give the services one that is neither superuser nor owner`,
      );
    }
    try {
      if (rows.length === 0) await client.query(`create role ${name} login password ${secret}`);
      else await client.query(`alter role ${name} login password ${secret}`);
      return rows.length === 0 ? "made" : "altered";
    } catch (error) {
      if (rows.length > 0 && error instanceof pg.DatabaseError && error.code === "42501")
        return "not ours to alter";
      if (!isRace(error) || attempt === 10) throw error;
    }
  }
}

function isRace(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  const duplicate = error.code === "42710" || error.code === "23505";
  return duplicate || error.message.includes("tuple concurrently updated");
}

/**
 * Grants the role what it needs, anew after each run, so that a new table is closed until this has seen it. All in
 * one transaction: there is no moment at which an append-only table could be changed.
 */
export async function grantToApp(client: pg.Client, role: string): Promise<void> {
  const name = pg.escapeIdentifier(role);
  const database = pg.escapeIdentifier(client.database ?? "");
  await client.query(`
    begin;
    grant connect on database ${database} to ${name};
    grant usage on schema public to ${name};
    grant select, insert, update, delete on all tables in schema public to ${name};
    revoke all on _prisma_migrations from ${name};
    revoke update, delete, truncate on ${appendOnlyTables.join(", ")} from ${name};
    revoke insert on audit_logs from ${name};
    grant insert (${auditColumns.join(", ")}) on audit_logs to ${name};
    revoke insert on audit_tombstones from ${name};
    grant execute on function ensure_audit_partitions(integer) to ${name};
    grant execute on function retire_audit_batch(uuid, timestamptz, integer, text, bytea) to ${name};
    grant usage on schema ${queueSchema} to ${name};
    grant select, insert, update, delete on all tables in schema ${queueSchema} to ${name};
    grant usage, select on all sequences in schema ${queueSchema} to ${name};
    grant execute on all functions in schema ${queueSchema} to ${name};
    commit;
  `);
}
