import { type Db, Prisma } from "@remote-claude/prisma";
import type { AuditEntry, AuditFilter } from "@remote-claude/protocol";
import { csvLine } from "../lib/csv.ts";
import { type AuditRow, auditColumns, lineOf } from "../seals/index.ts";
import { entriesOf } from "./present.ts";
import { whereOf } from "./where.ts";

/** However large an export is, so many rows of it are in memory at a time. */
const pageSize = 500;

/** Told of each page that went out. */
export type Count = (rows: number) => void;

/** Behind a row in time; said twice, because months are left out by the time alone. */
function behind(after: { at: string; id: string } | undefined): Prisma.Sql {
  if (after === undefined) return Prisma.sql`true`;
  const at = new Date(after.at);
  return Prisma.sql`log.at >= ${at} and (log.at, log.id) > (${at}, ${after.id}::uuid)`;
}

const oldestFirst = Prisma.sql`order by log.at, log.id limit ${pageSize}`;

async function* inPages<Row extends { at: string; id: string }>(
  read: (beyond: Prisma.Sql) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  for (let after: Row | undefined; ; ) {
    const page = await read(behind(after));
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = page.at(-1);
  }
}

/** Every row that fits, as it is sealed, oldest first. */
export function rowsOf(db: Db, filter: AuditFilter): AsyncGenerator<AuditRow[]> {
  return inPages(
    // Within: where Postgres sorts, it would write out the details of every row, and not of this page's alone.
    (beyond) => db.$queryRaw<AuditRow[]>`
      select ${auditColumns}
      from (select * from audit_logs log where ${whereOf(filter)} and ${beyond} ${oldestFirst}) log
      order by log.at, log.id`,
  );
}

/** The lines that seals are made of. */
export async function* asLines(db: Db, filter: AuditFilter, count: Count): AsyncGenerator<string> {
  for await (const page of rowsOf(db, filter)) {
    count(page.length);
    yield page.map((row) => `${lineOf(row)}\n`).join("");
  }
}

const columns: Readonly<Record<string, (entry: AuditEntry) => string | null | undefined>> = {
  at: ({ at }) => at,
  actor: ({ actorKind }) => actorKind,
  person: ({ person }) => person?.name,
  email: ({ person }) => person?.email,
  token: ({ token }) => token?.name,
  on_behalf_of: ({ onBehalfOf }) => onBehalfOf?.name,
  action: ({ action }) => action,
  result: ({ result }) => result,
  session: ({ session }) => session?.name,
  session_id: ({ session }) => session?.id,
  target: ({ target }) => target,
  address: ({ address }) => address,
  user_agent: ({ userAgent }) => userAgent,
  request_id: ({ requestId }) => requestId,
  details: ({ details }) => JSON.stringify(details),
  sealed: ({ sealed }) => (sealed ? "yes" : "no"),
  id: ({ id }) => id,
};

/** A table with the names of what the rows speak of. */
export async function* asTable(db: Db, filter: AuditFilter, count: Count): AsyncGenerator<string> {
  yield `${csvLine(Object.keys(columns))}\r\n`;
  const pages = inPages((beyond) =>
    entriesOf(
      db,
      Prisma.sql`select * from audit_logs log where ${whereOf(filter)} and ${beyond} ${oldestFirst}`,
      "oldest first",
    ),
  );
  for await (const page of pages) {
    count(page.length);
    const lines = page.map((entry) => csvLine(Object.values(columns).map((value) => value(entry) ?? "")));
    yield `${lines.join("\r\n")}\r\n`;
  }
}
