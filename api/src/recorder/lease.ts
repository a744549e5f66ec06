import type { Db, Prisma } from "@remote-claude/prisma";

/** A holder that has not been heard of for so long has lost its lease. */
export const leaseExpiresAfterMs = 10_000;
export const leaseRenewedEveryMs = 3_000;

/**
 * Takes or keeps the recorder lease of a place for `holder`. Returns the fencing number, or null when another
 * holder has it. The number rises with every change of hands.
 */
export async function acquireLease(db: Db, placeId: string, holder: string): Promise<bigint | null> {
  const rows = await db.$queryRaw<{ fence: bigint }[]>`
    INSERT INTO recorder_leases AS lease (place_id, holder, fence, heartbeat_at)
    VALUES (${placeId}, ${holder}, 1, now())
    ON CONFLICT (place_id) DO UPDATE
      SET fence = CASE WHEN lease.holder = excluded.holder THEN lease.fence ELSE lease.fence + 1 END,
          holder = excluded.holder,
          heartbeat_at = now()
      WHERE lease.holder = excluded.holder
         OR lease.heartbeat_at < now() - make_interval(secs => ${leaseExpiresAfterMs / 1000})
    RETURNING fence`;
  return rows[0]?.fence ?? null;
}

/** True while `fence` is still the newest; holds the row so that it stays so until the transaction ends. */
export async function holdsLease(
  tx: Prisma.TransactionClient,
  placeId: string,
  fence: bigint,
): Promise<boolean> {
  const rows = await tx.$queryRaw<{ fence: bigint }[]>`
    SELECT fence FROM recorder_leases WHERE place_id = ${placeId} FOR SHARE`;
  return rows[0]?.fence === fence;
}

export async function releaseLease(db: Db, placeId: string, holder: string): Promise<void> {
  await db.recorderLease.deleteMany({ where: { placeId, holder } });
}
