import { record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { tombstoneText } from "./canonical.ts";
import { rowsKeyOf } from "./copies.ts";
import { sealsToRetire } from "./seal-store.ts";

const dayMs = 86_400_000;

/**
 * Removes whole batches, oldest first, whose newest row is older than the organisation keeps them, and the copies of
 * their rows. Their seals stay, in the database and in storage, and a signed tombstone says who removed them and why.
 * Returns how many went.
 */
export async function retireBatches({
  config,
  db,
  storage,
  clock,
  log,
}: Pick<Context, "db" | "storage" | "clock" | "log"> & {
  config: Pick<Context["config"], "audit">;
}): Promise<number> {
  const { retentionDays, sealKeys } = config.audit;
  if (retentionDays === 0) return 0;
  const [key] = sealKeys;
  const seals = await sealsToRetire(db, new Date(clock.now().getTime() - retentionDays * dayMs));
  for (const seal of seals) {
    const removedAt = clock.now();
    const signature = key.sign(
      tombstoneText({ sealHash: seal.hash, removedAt, retentionDays, keyId: key.id }),
    );
    await db.$transaction(async (transaction) => {
      await transaction.$queryRaw`
        select retire_audit_batch(${seal.id}::uuid, ${removedAt}, ${retentionDays}::int, ${key.id}, ${signature})`;
      await record(transaction, {
        action: "audit.batch-removed",
        actor: { kind: "system" },
        target: `seal ${seal.number}`,
        details: { rows: seal.rowCount, from: seal.firstAt, to: seal.lastAt, retentionDays },
      });
    });
    // A locked object stays until its time; what was removed from the database is not brought back by it.
    await storage.delete(rowsKeyOf(seal)).catch((error: unknown) => {
      log.warn(
        { err: error, seal: String(seal.number) },
        "the copy of a removed batch of the audit record stays",
      );
    });
  }
  return seals.length;
}
