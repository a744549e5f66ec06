import type { Context } from "../context.ts";

const dayMs = 24 * 3600 * 1000;
/** Old sign-ins are kept this long: an address from which somebody signed in is familiar to the guard. */
const keepSignInsMs = 90 * dayMs;
const everyMs = 3_600_000;

/** Removes sign-ins and links that ended long ago. The record of them is in the audit log. */
export async function pruneSignIns(context: Context): Promise<void> {
  const now = context.clock.now().getTime();
  const before = new Date(now - keepSignInsMs);
  await context.db.signIn.deleteMany({
    where: { OR: [{ expiresAt: { lt: before } }, { revokedAt: { lt: before } }] },
  });
  await context.db.signInLink.deleteMany({ where: { expiresAt: { lt: new Date(now - dayMs) } } });
  await context.db.deviceGrant.deleteMany({ where: { expiresAt: { lt: new Date(now - dayMs) } } });
  await context.db.providerMessage.deleteMany({ where: { expiresAt: { lt: new Date(now) } } });
}

/** Does so now and every hour. Returns how to stop it. */
export function keepPruning(context: Context): () => void {
  const prune = () => {
    pruneSignIns(context).catch((error) => context.log.warn({ err: error }, "old sign-ins were not removed"));
  };
  prune();
  const timer = setInterval(prune, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
