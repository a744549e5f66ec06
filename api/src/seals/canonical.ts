import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/** The form of what is hashed and signed. A change to either function below is a new one. */
const version = 1;

/** An audit row as Postgres gives it to be hashed: times and large numbers as text, so that nothing is rounded. */
export interface AuditRow {
  readonly id: string;
  /** UTC, with milliseconds. */
  readonly at: string;
  readonly txid: string;
  readonly actorKind: string;
  readonly userId: string | null;
  readonly tokenId: string | null;
  readonly onBehalfOf: string | null;
  readonly action: string;
  readonly result: string;
  readonly sessionId: string | null;
  readonly target: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  /** JSON. */
  readonly details: string;
}

/** What a seal says; its hash is of this, and the signature too. */
export interface SealHeader {
  readonly number: bigint;
  /** Of the seal before it; of the first, 32 zero bytes. */
  readonly previousHash: Buffer;
  readonly merkleRoot: Buffer;
  readonly rowCount: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly cluster: string;
  readonly snapshotXmin: bigint;
  readonly keyId: string;
  readonly createdAt: Date;
}

/** An object as its one JSON text (RFC 8785). */
function textOf(value: Record<string, unknown>): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error("not JSON");
  return text;
}

/** The line of a row: what is hashed as a leaf, stored and exported. */
export function lineOf(row: AuditRow): string {
  return textOf({ version, ...row, details: JSON.parse(row.details) });
}

/** The text of a seal: what is hashed and signed. */
export function headerText(header: SealHeader): string {
  return textOf({
    version,
    number: header.number.toString(),
    previousHash: header.previousHash.toString("hex"),
    merkleRoot: header.merkleRoot.toString("hex"),
    rowCount: header.rowCount,
    firstAt: header.firstAt.toISOString(),
    lastAt: header.lastAt.toISOString(),
    cluster: header.cluster,
    snapshotXmin: header.snapshotXmin.toString(),
    keyId: header.keyId,
    createdAt: header.createdAt.toISOString(),
  });
}

export function headerHash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** What is signed when the rows of a batch are removed. */
export function tombstoneText(tombstone: {
  sealHash: Buffer;
  removedAt: Date;
  retentionDays: number;
  keyId: string;
}): string {
  return textOf({
    version,
    sealHash: tombstone.sealHash.toString("hex"),
    removedAt: tombstone.removedAt.toISOString(),
    retentionDays: tombstone.retentionDays,
    keyId: tombstone.keyId,
  });
}
