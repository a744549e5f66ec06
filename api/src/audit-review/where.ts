import { Prisma } from "@remote-claude/prisma";
import type { AuditFilter } from "@remote-claude/protocol";
import { storableText } from "../lib/storable.ts";

/** The parts of a list that came apart by commas; none: null. */
export const partsOf = (list: string | undefined): string[] | null =>
  list === undefined ? null : [...new Set(list.split(","))];

/** What an index finds: whose, where and when. `log` is the row. */
export function placedBy({ person, session, from, to }: AuditFilter): Prisma.Sql {
  const conditions = [Prisma.sql`true`];
  if (person !== undefined) conditions.push(Prisma.sql`log.user_id = ${person}::uuid`);
  if (session !== undefined) conditions.push(Prisma.sql`log.session_id = ${session}::uuid`);
  if (from !== undefined) conditions.push(Prisma.sql`log.at >= ${new Date(from)}`);
  if (to !== undefined) conditions.push(Prisma.sql`log.at < ${new Date(to)}`);
  return Prisma.join(conditions, " and ");
}

const oneOf = (column: Prisma.Sql, list: string | undefined): Prisma.Sql[] =>
  list === undefined ? [] : [Prisma.sql`${column}::text = any(${partsOf(list)}::text[])`];

/** What each row is looked at for; null: nothing more. */
export function pickedBy(filter: AuditFilter): Prisma.Sql | null {
  const { address, request, text } = filter;
  const conditions = [
    ...oneOf(Prisma.sql`log.action`, filter.actions),
    ...oneOf(Prisma.sql`log.result`, filter.results),
    ...oneOf(Prisma.sql`log.actor_kind`, filter.actors),
  ];
  if (address !== undefined) conditions.push(Prisma.sql`starts_with(log.address, ${storableText(address)})`);
  if (request !== undefined) conditions.push(Prisma.sql`log.request_id = ${storableText(request)}`);
  if (text !== undefined) {
    conditions.push(Prisma.sql`
      position(${storableText(text).toLowerCase()} in lower(concat_ws(' ', log.action, log.target, log.details::text))) > 0`);
  }
  return conditions.length === 0 ? null : Prisma.join(conditions, " and ");
}

/** All of a filter at once, for whoever goes through every row that fits. */
export function whereOf(filter: AuditFilter): Prisma.Sql {
  const picked = pickedBy(filter);
  return picked === null ? placedBy(filter) : Prisma.sql`${placedBy(filter)} and ${picked}`;
}
