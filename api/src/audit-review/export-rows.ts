import { type Db, Prisma } from "@remote-claude/prisma";
import type { AuditEntry, AuditFilter } from "@remote-claude/protocol";
import { csvLine } from "../lib/csv.ts";
import { type AuditRow, auditColumns, lineOf } from "../seals/index.ts";
import { entriesOf } from "./present.ts";
import { beyond, endOfStretch, inOrder, type Place, upTo } from "./stretch.ts";
import { pickedBy, placedBy, whereOf } from "./where.ts";

/** However large an export is, so many rows of it are in memory at a time. */
const pageSize = 500;
/** Told of each page that went out. */
export type Count = (rows: number) => void;

const order = "oldest first";
const oldestFirst = Prisma.sql`${inOrder(order)} limit ${pageSize}`;

/** Every row that fits, oldest first, page by page and stretch by stretch. */
async function* inPages<Row extends { readonly at: string; readonly id: string }>(
  db: Db,
  filter: AuditFilter,
  read: (where: Prisma.Sql) => Promise<Row[]>,
  lookAt?: number,
): AsyncGenerator<Row[]> {
  // Without anything to look at each row for, those that fit are found by an index.
  const picks = pickedBy(filter) !== null;
  let after: Place | undefined;
  let end: Place | null;
  do {
    const left = Prisma.sql`${placedBy(filter)} and ${beyond(order, after)}`;
    end = picks ? await endOfStretch(db, order, left, lookAt) : null;
    let page: Row[];
    do {
      page = await read(Prisma.sql`${whereOf(filter)} and ${beyond(order, after)} and ${upTo(order, end)}`);
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (last !== undefined) after = { at: new Date(last.at), id: last.id };
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
    entriesOf(db, Prisma.sql`select * from audit_logs log where ${where} ${oldestFirst}`, order),
  );
  for await (const page of pages) {
    count(page.length);
    const lines = page.map((entry) => csvLine(Object.values(columns).map((value) => value(entry) ?? "")));
    yield `${lines.join("\r\n")}\r\n`;
  }
}
