import type { Db } from "@remote-claude/prisma";
import { endorsementOf, isSignedBy, keyIdOf } from "../lib/seal-keys.ts";

/** The keys that may sign. */
export interface TrustedKeys {
  readonly ids: readonly string[];
  /** The public key (SPKI, DER); null when it is not known or nobody vouches for it. */
  find(id: string): Uint8Array | null;
}

/**
 * The first key that was ever used, those that `trust` names, and every key for which one of these vouches. Whoever
 * owns the database could put another first key there: compare its fingerprint with the one written down.
 */
export async function trustedKeys(db: Db, trust: readonly string[]): Promise<TrustedKeys> {
  const keys = await db.auditKey.findMany({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
  const trusted = new Map<string, Uint8Array>();
  for (const [index, key] of keys.entries()) {
    if (keyIdOf(key.publicKey) !== key.id) continue;
    const voucher = key.endorsedBy === null ? undefined : trusted.get(key.endorsedBy);
    const isVouchedFor =
      voucher !== undefined &&
      key.endorsement !== null &&
      isSignedBy(voucher, endorsementOf(key.id), key.endorsement);
    const isFirst = index === 0 && trust.length === 0;
    if (isFirst || trust.includes(key.id) || isVouchedFor) trusted.set(key.id, key.publicKey);
  }
  return { ids: [...trusted.keys()], find: (id) => trusted.get(id) ?? null };
}
