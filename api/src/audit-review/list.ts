import { Prisma, type Transaction } from "@remote-claude/prisma";
import { AppError, type AuditEntry, type AuditFilter } from "@remote-claude/protocol";
import { entriesOf } from "./present.ts";
import { beyond, endOfStretch, inOrder, type Place, upTo } from "./stretch.ts";
import { partsOf, pickedBy, placedBy } from "./where.ts";

const order = "newest first";
const newestFirst = inOrder(order);

interface Page {
  readonly entries: AuditEntry[];
  readonly next: string | null;
  readonly searchedTo: string | null;
}

const cursorOf = ({ at, id }: Place) => `${at.toISOString()}_${id}`;

function placeOf(cursor: string): Place {
  const [, at, id] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([0-9a-f-]{36})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined)
    throw new AppError("bad_request", "after: not where a page ended");
  return { at: new Date(at), id };
}

/** Actions alone are found by their index, each by itself. */
const byActionAlone = ({ person, session, actions, ...rest }: AuditFilter): boolean =>
  actions !== undefined &&
  person === undefined &&
  session === undefined &&
  pickedBy({ ...rest, from: undefined, to: undefined }) === null;

/**
 * The newest rows of each action, by the action's index. Said as a range and in the order of that index, not as
 * `action = …`: then Postgres, which does not know how rare this action is, reads the whole record from its end for a
 * rare one. `until` is where the range begins in the index; `placed` holds it too.
 */
function ofActions(
  actions: string[] | null,
  placed: Prisma.Sql,
  until: Date | null,
  limit: number,
): Prisma.Sql {
  const from = until === null ? Prisma.sql`'infinity'::timestamptz` : Prisma.sql`${until}`;
  return Prisma.sql`
    select found.* from unnest(${actions}::text[]) as wanted (action)
    cross join lateral (select * from audit_logs log
      where log.action >= wanted.action and (log.action, log.at) <= (wanted.action, ${from}) and ${placed}
      order by log.action desc, log.at desc, log.id desc limit ${limit}) found
    order by found.at desc, found.id desc limit ${limit}`;
}

/** The entries that fit, newest first, a page at a time. `bad_request` where `after` is no cursor. */
export async function listEntries(
  db: Transaction,
  { after, limit, ...filter }: AuditFilter & { after?: string | undefined; limit: number },
  lookAt?: number,
): Promise<Page> {
  const from = after === undefined ? undefined : placeOf(after);
  const placed = Prisma.sql`${placedBy(filter)} and ${beyond(order, from)}`;
  const picked = pickedBy(filter);
  const page = (found: AuditEntry[], end: Place | null): Page => {
    const entries = found.slice(0, limit);
    const last = entries.at(-1);
    if (found.length > limit && last !== undefined) {
      return { entries, next: cursorOf({ at: new Date(last.at), id: last.id }), searchedTo: last.at };
    }
    if (end === null) return { entries, next: null, searchedTo: null };
    return { entries, next: cursorOf(end), searchedTo: end.at.toISOString() };
  };
  const one = limit + 1;
  if (picked === null) {
    const all = Prisma.sql`select * from audit_logs log where ${placed} ${newestFirst} limit ${one}`;
    return page(await entriesOf(db, all), null);
  }
  if (byActionAlone(filter)) {
    const actions = partsOf(filter.actions);
    return page(await entriesOf(db, ofActions(actions, placed, from?.at ?? null, one)), null);
  }
  const end = await endOfStretch(db, order, placed, lookAt);
  const some = Prisma.sql`
    select * from audit_logs log where ${placed} and ${upTo(order, end)} and ${picked} ${newestFirst}
    limit ${one}`;
  return page(await entriesOf(db, some), end);
}

/** One entry; `not_found` when there is none, or retention removed it. */
export async function getEntry(db: Transaction, auditId: string): Promise<AuditEntry> {
  const [entry] = await entriesOf(db, Prisma.sql`select * from audit_logs where id = ${auditId}::uuid`);
  if (entry === undefined) throw new AppError("not_found", "There is no such entry in the record.");
  return entry;
}
