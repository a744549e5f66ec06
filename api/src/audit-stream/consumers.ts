import type { Db, Transaction } from "@remote-claude/prisma";
import { Position } from "./position.ts";

/** A holder that has not been heard of for so long has lost its lease; no turn of a reader takes longer. */
export const leaseExpiresAfterMs = 45_000;

/** What an api needs to work for a reader: the right to, and where it stands. */
export interface Held {
  readonly name: string;
  readonly fence: bigint;
  readonly position: Position;
}

/** Takes or keeps the reader `name` for `holder`; null: another api works for it. `begin`: where a new one begins. */
export async function acquire(
  db: Db,
  name: string,
  holder: string,
  begin: () => Promise<Position>,
): Promise<Held | null> {
  const held = await keep(db, name, holder);
  if (held !== null || (await db.auditConsumer.count({ where: { name } })) > 0) return held;
  const position = await begin();
  await db.auditConsumer.createMany({
    data: [{ name, position, holder, fence: 1n, heartbeatAt: new Date() }],
    skipDuplicates: true,
  });
  return keep(db, name, holder);
}

async function keep(db: Db, name: string, holder: string): Promise<Held | null> {
  const [row] = await db.$queryRaw<{ fence: bigint; position: unknown }[]>`
    update audit_consumers set
      fence = case when holder = ${holder} then fence else fence + 1 end, holder = ${holder}, heartbeat_at = now()
    where name = ${name}
      and (holder = ${holder} or heartbeat_at < now() - make_interval(secs => ${leaseExpiresAfterMs / 1000}))
    returning fence, position`;
  return row === undefined ? null : { name, fence: row.fence, position: Position.parse(row.position) };
}

/** Another api works for the reader by now: whatever this one did was for nothing. */
export class LeaseLost extends Error {}

/** Moves the reader on, past `taken` rows. Throws LeaseLost. */
export async function advance(
  db: Transaction,
  { name, fence }: Held,
  position: Position,
  taken: number,
): Promise<void> {
  const moved = await db.$executeRaw`
    update audit_consumers set position = ${JSON.stringify(position)}::jsonb, heartbeat_at = now(),
      taken_rows = taken_rows + ${taken}, taken_at = case when ${taken} > 0 then now() else taken_at end,
      failing_since = null, last_error = null
    where name = ${name} and fence = ${fence}`;
  if (moved === 0) throw new LeaseLost();
}

/** Says why it does not go on. */
export async function noteFailure(db: Db, { name, fence }: Held, message: string): Promise<void> {
  await db.$executeRaw`
    update audit_consumers set last_error = ${message.slice(0, 1000)}, failing_since = coalesce(failing_since, now())
    where name = ${name} and fence = ${fence}`;
}

/** The next api need not wait until the lease has run out. */
export async function release(db: Db, name: string, holder: string): Promise<void> {
  await db.auditConsumer.updateMany({ where: { name, holder }, data: { heartbeatAt: new Date(0) } });
}
