import type { Transaction } from "@remote-claude/prisma";
import { AppError } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import { readSettings } from "../settings/index.ts";

/**
 * Refuses when the person has as many sessions up as one may have. Call it in the transaction that starts one: people's
 * starts wait for each other, so that the limit cannot be passed by asking twice at once.
 */
export async function assertMayRunOneMore(
  context: Context,
  transaction: Transaction,
  ownerId: string,
): Promise<void> {
  const { maxRunningSessionsPerUser: max } = await readSettings(context, transaction);
  if (max === null) return;
  await transaction.$executeRaw`select 1 from users where id = ${ownerId}::uuid for update`;
  const up = await transaction.session.count({
    where: {
      ownerId,
      deletedAt: null,
      state: { in: ["creating", "starting", "running", "paused", "stopping"] },
    },
  });
  if (up < max) return;
  throw new AppError(
    "quota_exceeded",
    `${up} of your sessions ${up === 1 ? "is" : "are"} running, and ${max} may at once. Stop one first.`,
  );
}
