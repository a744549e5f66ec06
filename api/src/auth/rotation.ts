import { record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { randomSecret, sha256 } from "../lib/secrets.ts";

/** A cookie's id lives this long; then the browser gets another for the same sign-in. */
const rotateMs = 3_600_000;
/** What was under way with the old id when the new one was first seen may still arrive. */
const graceMs = 60_000;

/** What a rotation goes by; read together with the person. */
export interface RotatingRow {
  readonly id: string;
  /** Whether the cookie is the present id, or the one before it. */
  readonly is_present: boolean;
  readonly created_at: Date;
  readonly rotated_at: Date | null;
  readonly confirmed_at: Date | null;
}

export type Rotation =
  | { readonly kind: "keep" }
  /** The cookie that the browser gets instead. */
  | { readonly kind: "rotated"; readonly cookie: string }
  /** An old id, shown when it no longer can be by the browser that it was given to. */
  | { readonly kind: "stolen" };

/**
 * Where the sign-in's id stands. The old id counts until the new one was seen, since the answer that carried it may
 * be lost; a little later it counts no more, and whoever still shows it has a copy.
 */
export async function rotate(
  context: Context,
  row: RotatingRow,
  cookie: string,
  mayRotate: boolean,
): Promise<Rotation> {
  const now = context.clock.now();
  const unconfirmed = row.rotated_at !== null && row.confirmed_at === null;
  if (!row.is_present && !unconfirmed) {
    const seenMs = now.getTime() - (row.confirmed_at?.getTime() ?? 0);
    return { kind: seenMs > graceMs ? "stolen" : "keep" };
  }
  if (row.is_present && unconfirmed) {
    await context.db.signIn.updateMany({
      where: { id: row.id, hash: sha256(cookie), confirmedAt: null },
      data: { confirmedAt: now },
    });
  }
  const ageMs = now.getTime() - (row.rotated_at ?? row.created_at).getTime();
  if (!mayRotate || ageMs < rotateMs) return { kind: "keep" };
  return (await replace(context, row, cookie, now)) ?? { kind: "keep" };
}

/** One of several requests at once gives the new id; null: another did. */
async function replace(
  context: Context,
  row: RotatingRow,
  cookie: string,
  now: Date,
): Promise<Rotation | null> {
  const next = randomSecret();
  const shown = sha256(cookie);
  const rotated = await context.db.$transaction(async (transaction) => {
    const before = await transaction.signIn.findUnique({ where: { id: row.id } });
    const where = row.is_present ? { hash: shown } : { previousHash: shown, confirmedAt: null };
    const { count } = await transaction.signIn.updateMany({
      where: { id: row.id, rotatedAt: row.rotated_at, ...where },
      data: { hash: sha256(next), previousHash: shown, rotatedAt: now, confirmedAt: null },
    });
    if (count === 0) return false;
    // An id that was given to another request, and not seen yet, is dropped for the new one: who shows it later has a
    // copy of what the browser no longer goes by.
    const retired = (row.is_present ? before?.previousHash : before?.hash) ?? null;
    if (retired !== null) {
      await transaction.retiredSignInId.createMany({
        data: { hash: retired, signInId: row.id, retiredAt: now },
        skipDuplicates: true,
      });
    }
    return true;
  });
  return rotated ? { kind: "rotated", cookie: next } : null;
}

/** The sign-in that had this id long ago and still counts; null when there is none. */
export async function findRobbed({ db }: Context, cookie: string): Promise<string | null> {
  const found = await db.retiredSignInId.findUnique({
    where: { hash: sha256(cookie), signIn: { revokedAt: null } },
    select: { signInId: true },
  });
  return found?.signInId ?? null;
}

/** Ends a sign-in whose old id somebody has: it cannot be told who of the two is the thief. */
export async function endStolen(
  context: Context,
  signInId: string,
  source: { address: string | null; userAgent: string | null },
): Promise<void> {
  await context.db.$transaction(async (transaction) => {
    const row = await transaction.signIn.findUnique({ where: { id: signInId } });
    const { count } = await transaction.signIn.updateMany({
      where: { id: signInId, revokedAt: null },
      data: { revokedAt: context.clock.now() },
    });
    if (count === 0 || row === null) return;
    await record(transaction, {
      action: "sign-in.ended",
      result: "refused",
      actor: { kind: "user", userId: row.userId, ...source },
      details: { signIn: signInId, reason: "an old id of it was used again" },
    });
  });
  context.broadcast.disconnect({ signInId }, "sign-in-again");
}
