import type { Db } from "@remote-claude/prisma";
import { type AuditRow, headerText, lineOf } from "./canonical.ts";
import { inclusionProof } from "./merkle.ts";
import { auditColumns } from "./rows.ts";
import { type Seal, sealById } from "./seal-store.ts";

/** That a row is in the record, for somebody who trusts the key alone. */
export interface Proof {
  readonly line: string;
  readonly index: number;
  readonly size: number;
  /** The hashes beside the way up, lowest first. */
  readonly path: readonly Buffer[];
  readonly seal: Seal;
  /** The seal's text, which was hashed and signed. */
  readonly header: string;
  /** SPKI, DER; as the database has it: whoever checks compares its hash with the fingerprint that they know. */
  readonly publicKey: Buffer;
}

/** The proof of one row; null: it is not sealed, or is not there. */
export async function proofOf(db: Db, auditId: string): Promise<Proof | null> {
  const [row] = await db.$queryRaw<(AuditRow & { sealId: string; position: number })[]>`
    select held.seal_id::text as "sealId", held.position, ${auditColumns}
    from audit_seal_rows held join audit_logs log on log.id = held.audit_id and log.at = held.audit_at
    where held.audit_id = ${auditId}::uuid`;
  if (row === undefined) return null;
  const { sealId, position, ...audit } = row;
  const [seal, leaves] = await Promise.all([
    sealById(db, sealId),
    db.auditSealRow.findMany({ where: { sealId }, orderBy: { position: "asc" }, select: { leafHash: true } }),
  ]);
  const key = seal === null ? null : await db.auditKey.findUnique({ where: { id: seal.keyId } });
  if (seal === null || key === null) return null;
  const hashes = leaves.map(({ leafHash }) => Buffer.from(leafHash));
  return {
    line: lineOf(audit),
    index: position,
    size: hashes.length,
    path: inclusionProof(hashes, position),
    seal,
    header: headerText(seal),
    publicKey: Buffer.from(key.publicKey),
  };
}
