import { Prisma, type Transaction } from "@remote-claude/prisma";
import type { AuditFilter } from "@remote-claude/protocol";
import { placedBy, whereOf } from "./where.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [second, 10 * second, minute, 5 * minute, 15 * minute, hour, 3 * hour, 6 * hour, day, 7 * day];
/** About so many bars a chart has. */
const bars = 80;
/** So many rows are counted at most, the newest ones. */
const countAtMost = 200_000;

const stepOf = (spanMs: number) => steps.find((step) => spanMs / step <= bars) ?? 28 * day;

async function bound(db: Transaction, wanted: Prisma.Sql): Promise<Date | null> {
  const [row] = await db.$queryRaw<{ at: Date }[]>(wanted);
  return row?.at ?? null;
}

/** How many entries fit, over time and by action. */
export async function countEntries(db: Transaction, filter: AuditFilter, now: Date) {
  const placed = placedBy(filter);
  // From here on; what is older is not counted, whether it fits or not.
  const since = await bound(
    db,
    Prisma.sql`select log.at from audit_logs log where ${placed} order by log.at desc offset ${countAtMost} limit 1`,
  );
  const counted = since === null ? filter : { ...filter, from: since.toISOString() };
  const where = whereOf(counted);
  const first =
    counted.from ??
    (await bound(db, Prisma.sql`select log.at from audit_logs log where ${where} order by log.at limit 1`));
  const end = filter.to === undefined ? now : new Date(Math.min(Date.parse(filter.to), now.getTime()));
  const stepMs = stepOf(end.getTime() - (first === null ? end : new Date(first)).valueOf());
  const rows = await db.$queryRaw<{ step: bigint; action: string; count: bigint; troubled: bigint }[]>`
    select floor(extract(epoch from log.at) * 1000 / ${stepMs}::float8)::bigint as step, log.action,
      count(*) as count, count(*) filter (where log.result <> 'success') as troubled
    from audit_logs log where ${where} group by 1, 2 order by 1`;
  return { ...summed(rows, stepMs), stepMs, countedSince: since?.toISOString() ?? null };
}

function summed(
  rows: readonly { step: bigint; action: string; count: bigint; troubled: bigint }[],
  stepMs: number,
) {
  const counts = new Map<bigint, { count: number; troubled: number }>();
  const actions: Record<string, number> = {};
  let total = 0;
  for (const { step, action, ...row } of rows) {
    const [count, troubled] = [Number(row.count), Number(row.troubled)];
    const sum = counts.get(step) ?? { count: 0, troubled: 0 };
    counts.set(step, { count: sum.count + count, troubled: sum.troubled + troubled });
    actions[action] = (actions[action] ?? 0) + count;
    total += count;
  }
  return {
    counts: [...counts].map(([step, sum]) => ({ at: new Date(Number(step) * stepMs).toISOString(), ...sum })),
    actions,
    total,
  };
}
