import { Prisma, type Transaction } from "@remote-claude/prisma";

/**
 * So many rows are looked at by one statement: what is rare is found over several, and none keeps a connection busy
 * for minutes.
 */
const mostLookedAt = 100_000;

export type Order = "newest first" | "oldest first";

/** A row's place in the order of time. */
export interface Place {
  readonly at: Date;
  readonly id: string;
}

export const inOrder = (order: Order): Prisma.Sql =>
  order === "newest first"
    ? Prisma.sql`order by log.at desc, log.id desc`
    : Prisma.sql`order by log.at, log.id`;

/** What comes after `place`; said twice, because months are left out by the time alone. Without one: everything. */
export function beyond(order: Order, place: Place | undefined): Prisma.Sql {
  if (place === undefined) return Prisma.sql`true`;
  const { at, id } = place;
  return order === "newest first"
    ? Prisma.sql`log.at <= ${at} and (log.at, log.id) < (${at}, ${id}::uuid)`
    : Prisma.sql`log.at >= ${at} and (log.at, log.id) > (${at}, ${id}::uuid)`;
}

/** What comes no later than `end`; null: everything. */
export function upTo(order: Order, end: Place | null): Prisma.Sql {
  if (end === null) return Prisma.sql`true`;
  const { at, id } = end;
  return order === "newest first"
    ? Prisma.sql`log.at >= ${at} and (log.at, log.id) >= (${at}, ${id}::uuid)`
    : Prisma.sql`log.at <= ${at} and (log.at, log.id) <= (${at}, ${id}::uuid)`;
}

/** The last row of `placed` that one statement looks at; null: all that are left are few enough. */
export async function endOfStretch(
  db: Transaction,
  order: Order,
  placed: Prisma.Sql,
  lookAt = mostLookedAt,
): Promise<Place | null> {
  const [row] = await db.$queryRaw<Place[]>`
    select log.at, log.id::text as id from audit_logs log where ${placed} ${inOrder(order)}
    offset ${lookAt - 1} limit 1`;
  return row ?? null;
}
