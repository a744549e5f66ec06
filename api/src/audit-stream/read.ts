import { Prisma, type Transaction } from "@remote-claude/prisma";
import { type AuditRow, auditColumns } from "../seals/index.ts";
import { after, fromNowOn, fromTheBeginning, inCluster, type Moment, type Position } from "./position.ts";

/** Lags are counted up to here. */
export const maxCounted = 100_000;

export async function momentOf(db: Transaction): Promise<Moment> {
  const [moment] = await db.$queryRaw<[Moment]>`
    select system_identifier::text as cluster, pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
      now() as now
    from pg_control_system()`;
  return moment;
}

/** Where a reader begins that is to have every row. */
export async function theBeginning(db: Transaction): Promise<Position> {
  const [{ ahead }] = await db.$queryRaw<[{ ahead: boolean }]>`
    select exists (select from audit_logs where txid >= pg_snapshot_xmax(pg_current_snapshot())) as ahead`;
  // A transaction that this cluster has not come to yet was one of another's.
  return fromTheBeginning(await momentOf(db), ahead);
}

/** Where a reader begins that is to have what comes from now on. */
export async function thisMoment(db: Transaction): Promise<Position> {
  return fromNowOn(await momentOf(db));
}

/** What this reader has not taken yet; `complete`: only of transactions that are older than every running one. */
function pending({ txid, id, lastAt, since, backlog }: Position, complete: boolean) {
  if (backlog === null) {
    const ended = complete
      ? Prisma.sql`log.txid < pg_snapshot_xmin(pg_current_snapshot())`
      : Prisma.sql`true`;
    return Prisma.sql`log.txid >= ${txid}::xid8 and (log.txid, log.id) > (${txid}::xid8, ${id}::uuid)
      and log.at >= ${since}::timestamptz and ${ended}`;
  }
  return Prisma.sql`log.at <= ${backlog.until}::timestamptz
    and (log.at, log.id) > (${backlog.at}::timestamptz, ${backlog.id}::uuid)
    and ((log.txid, log.id) > (${txid}::xid8, ${id}::uuid) or log.at >= ${lastAt}::timestamptz)`;
}

export interface Page {
  readonly rows: readonly AuditRow[];
  /** Where the reader stands once it has taken them. */
  readonly next: Position;
}

/**
 * The rows that come next, in order and at most so many. The order is final: no row comes later that belongs before
 * one of them, since every transaction up to there has ended.
 */
export async function nextRows(db: Transaction, known: Position, limit: number): Promise<Page> {
  const position = inCluster(known, await momentOf(db));
  const order = position.backlog === null ? Prisma.sql`log.txid, log.id` : Prisma.sql`log.at, log.id`;
  const rows = await db.$queryRaw<AuditRow[]>`
    select ${auditColumns} from audit_logs log where ${pending(position, true)} order by ${order} limit ${limit}`;
  return { rows, next: after(position, rows, rows.length < limit) };
}

export interface Lag {
  /** At most `maxCounted`. */
  readonly rows: number;
  /** Of the first row that has not been taken; null: there is none. */
  readonly oldestAt: Date | null;
}

/** How far a reader is behind, rows of running transactions left out. */
export async function lagOf(db: Transaction, known: Position): Promise<Lag> {
  const position = inCluster(known, await momentOf(db));
  const [lag] = await db.$queryRaw<[Lag]>`
    select count(*)::int as rows, min(at) as "oldestAt"
    from (select log.at from audit_logs log where ${pending(position, false)} limit ${maxCounted}) as behind`;
  return lag;
}
