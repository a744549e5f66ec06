import { type Db, Prisma } from "@remote-claude/prisma";
import type { AuditEntry, AuditFilter } from "@remote-claude/protocol";
import { csvLine } from "../lib/csv.ts";
import { type AuditRow, auditColumns, lineOf } from "../seals/index.ts";
import { entriesOf } from "./present.ts";
import { pickedBy, placedBy, whereOf } from "./where.ts";

/** However large an export is, so many rows of it are in memory at a time. */
const pageSize = 500;
/** And so many are looked at by one statement: what is rare must not keep a connection busy for minutes. */
const mostLookedAt = 100_000;

/** Told of each page that went out. */
export type Count = (rows: number) => void;

/** Behind a row in time; said twice, because months are left out by the time alone. */
function behind(after: { at: string; id: string } | undefined): Prisma.Sql {
  if (after === undefined) return Prisma.sql`true`;
  const at = new Date(after.at);
  return Prisma.sql`log.at >= ${at} and (log.at, log.id) > (${at}, ${after.id}::uuid)`;
}

const oldestFirst = Prisma.sql`order by log.at, log.id limit ${pageSize}`;

interface Place {
  readonly at: string;
  readonly id: string;
}

/** The last row that is looked at for now; null: all that are left, or those that fit are found by an index. */
async function stretchOf(
  db: Db,
  filter: AuditFilter,
  after: Place | undefined,
  lookAt: number,
): Promise<Place | null> {
  if (pickedBy(filter) === null) return null;
  const [row] = await db.$queryRaw<{ at: Date; id: string }[]>`
    select log.at, log.id::text as id from audit_logs log where ${placedBy(filter)} and ${behind(after)}
    order by log.at, log.id offset ${lookAt - 1} limit 1`;
  return row === undefined ? null : { at: row.at.toISOString(), id: row.id };
}

const upTo = (end: Place | null): Prisma.Sql =>
  end === null
    ? Prisma.sql`true`
    : Prisma.sql`log.at <= ${new Date(end.at)} and (log.at, log.id) <= (${new Date(end.at)}, ${end.id}::uuid)`;

/** Every row that fits, oldest first, page by page and stretch by stretch. */
async function* inPages<Row extends Place>(
  db: Db,
  filter: AuditFilter,
  read: (where: Prisma.Sql) => Promise<Row[]>,
  lookAt = mostLookedAt,
): AsyncGenerator<Row[]> {
  let after: Place | undefined;
  let end: Place | null;
  do {
    end = await stretchOf(db, filter, after, lookAt);
    let page: Row[];
    do {
      page = await read(Prisma.sql`${whereOf(filter)} and ${behind(after)} and ${upTo(end)}`);
      if (page.length > 0) yield page;
      after = page.at(-1) ?? after;
    } while (page.length === pageSize);
    after = end ?? after;
  } while (end !== null);
}

/** Every row that fits, as it is sealed, oldest first. */
export function rowsOf(db: Db, filter: AuditFilter, lookAt?: number): AsyncGenerator<AuditRow[]> {
  return inPages(
    db,
    filter,
    // Within: where Postgres sorts, it would write out the details of every row, and not of this page's alone.
    (where) => db.$queryRaw<AuditRow[]>`
      select ${auditColumns}
      from (select * from audit_logs log where ${where} ${oldestFirst}) log
      order by log.at, log.id`,
    lookAt,
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
  const pages = inPages(db, filter, (where) =>
    entriesOf(db, Prisma.sql`select * from audit_logs log where ${where} ${oldestFirst}`, "oldest first"),
  );
  for await (const page of pages) {
    count(page.length);
    const lines = page.map((entry) => csvLine(Object.values(columns).map((value) => value(entry) ?? "")));
    yield `${lines.join("\r\n")}\r\n`;
  }
}
