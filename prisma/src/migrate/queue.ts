import type pg from "pg";
import { getConstructionPlans, getMigrationPlans } from "pg-boss";

/** The schema of the task queue's tables; api gives it to pg-boss. */
export const queueSchema = "pgboss";

/** Makes or updates pg-boss' tables as the owner: the services run it with `migrate: false`. */
export async function ensureQueue(client: pg.Client): Promise<"made" | "updated" | "present"> {
  const construction = getConstructionPlans(queueSchema);
  const wanted = Number(/version\(version\) VALUES \('(\d+)'\)/.exec(construction)?.[1]);
  if (!Number.isInteger(wanted)) throw new Error("this pg-boss does not say which schema it wants");
  const { rows: found } = await client.query<{ name: string | null }>(
    `select to_regclass('${queueSchema}.version')::text as name`,
  );
  if (found[0]?.name == null) {
    await client.query(construction);
    return "made";
  }
  const { rows } = await client.query<{ version: number }>(`select version from ${queueSchema}.version`);
  const version = rows[0]?.version ?? 0;
  if (version === wanted) return "present";
  if (version > wanted) throw new Error("the task queue was made by a newer release: start that one");
  await update(client, getMigrationPlans(queueSchema, version));
  return "updated";
}

/** Indexes are built concurrently, which Postgres allows only outside a transaction: one statement at a time. */
async function update(client: pg.Client, plans: string): Promise<void> {
  const end = plans.lastIndexOf("COMMIT;") + "COMMIT;".length;
  await client.query(plans.slice(0, end));
  const statements = plans
    .slice(end)
    .replace(/^\s*--.*$/gm, "")
    .split(";");
  for (const statement of statements) {
    if (statement.trim() !== "") await client.query(statement);
  }
}
