import { type Db, Prisma, type Transaction } from "@remote-claude/prisma";
import { headerHash, headerText, type SealHeader } from "./canonical.ts";

/** A seal as it lies in the database. */
export interface Seal extends SealHeader {
  readonly id: string;
  readonly hash: Buffer;
  readonly signature: Buffer;
}

interface SealRow {
  id: string;
  number: bigint;
  previousHash: Uint8Array;
  merkleRoot: Uint8Array;
  hash: Uint8Array;
  rowCount: number;
  firstAt: Date;
  lastAt: Date;
  cluster: string;
  snapshotXmin: string;
  keyId: string;
  signature: Uint8Array;
  createdAt: Date;
}

// Prisma does not read xid8.
const columns = Prisma.sql`
  seal.id::text as id, seal.number, seal.previous_hash as "previousHash", seal.merkle_root as "merkleRoot",
  seal.hash, seal.row_count as "rowCount", seal.first_at as "firstAt", seal.last_at as "lastAt", seal.cluster,
  seal.snapshot_xmin::text as "snapshotXmin", seal.key_id as "keyId", seal.signature, seal.created_at as "createdAt"`;

function toSeal(row: SealRow): Seal {
  return {
    ...row,
    number: BigInt(row.number),
    previousHash: Buffer.from(row.previousHash),
    merkleRoot: Buffer.from(row.merkleRoot),
    hash: Buffer.from(row.hash),
    snapshotXmin: BigInt(row.snapshotXmin),
    signature: Buffer.from(row.signature),
  };
}

/** The newest seal; null before the first. */
export async function lastSeal(db: Transaction): Promise<Seal | null> {
  const [row] = await db.$queryRaw<SealRow[]>`
    select ${columns} from audit_seals seal order by seal.number desc limit 1`;
  return row === undefined ? null : toSeal(row);
}

/** One seal; null: there is none of this id. */
export async function sealById(db: Transaction, id: string): Promise<Seal | null> {
  const [row] = await db.$queryRaw<
    SealRow[]
  >`select ${columns} from audit_seals seal where seal.id = ${id}::uuid`;
  return row === undefined ? null : toSeal(row);
}

/** Every seal in order of number, from `from` on. */
export async function* sealsFrom(db: Db, from: bigint): AsyncGenerator<Seal> {
  let next = from;
  while (true) {
    const page = await db.$queryRaw<SealRow[]>`
      select ${columns} from audit_seals seal where seal.number >= ${next} order by seal.number limit 200`;
    for (const row of page) yield toSeal(row);
    const last = page.at(-1);
    if (page.length < 200 || last === undefined) return;
    next = BigInt(last.number) + 1n;
  }
}

/** Seals without a copy in artifact storage, oldest first. */
export async function sealsToCopy(db: Db, limit: number): Promise<Seal[]> {
  const rows = await db.$queryRaw<SealRow[]>`
    select ${columns} from audit_seals seal
    where not exists (select from audit_seal_copies copy where copy.seal_id = seal.id)
      and not exists (select from audit_tombstones stone where stone.seal_id = seal.id)
    order by seal.number limit ${limit}`;
  return rows.map(toSeal);
}

/** Seals whose rows are kept and whose copy was made, oldest first. */
export async function copiedSeals(db: Db): Promise<Seal[]> {
  const rows = await db.$queryRaw<SealRow[]>`
    select ${columns} from audit_seals seal
    where exists (select from audit_seal_copies copy where copy.seal_id = seal.id)
      and not exists (select from audit_tombstones stone where stone.seal_id = seal.id)
    order by seal.number`;
  return rows.map(toSeal);
}

/** One row of a batch, to be noted with its seal. */
export interface Leaf {
  readonly auditId: string;
  readonly at: string;
  readonly hash: Buffer;
}

/** Adds a seal with what it holds. Throws when its number is taken. */
export async function insertSeal(
  db: Transaction,
  {
    id,
    header,
    signature,
    leaves,
  }: { id: string; header: SealHeader; signature: Buffer; leaves: readonly Leaf[] },
): Promise<void> {
  const hash = headerHash(headerText(header));
  await db.$executeRaw`
    insert into audit_seals (id, number, previous_hash, merkle_root, hash, row_count, first_at, last_at, cluster,
                             snapshot_xmin, key_id, signature, created_at)
    values (${id}::uuid, ${header.number}, ${header.previousHash}, ${header.merkleRoot}, ${hash}, ${header.rowCount},
            ${header.firstAt}, ${header.lastAt}, ${header.cluster}, ${String(header.snapshotXmin)}::xid8,
            ${header.keyId}, ${signature}, ${header.createdAt})`;
  const chunk = 5000;
  for (let start = 0; start < leaves.length; start += chunk) {
    const part = leaves.slice(start, start + chunk);
    await db.$executeRaw`
      insert into audit_seal_rows (audit_id, audit_at, seal_id, position, leaf_hash)
      select leaf.audit_id, leaf.audit_at, ${id}::uuid, ${start} + leaf.place - 1, decode(leaf.hash, 'hex')
      from unnest(${part.map(({ auditId }) => auditId)}::uuid[], ${part.map(({ at }) => at)}::timestamptz[],
                  ${part.map(({ hash: leaf }) => leaf.toString("hex"))}::text[])
        with ordinality as leaf (audit_id, audit_at, hash, place)`;
  }
}

/** Seals whose rows are all older than `before`, copied and not removed yet, oldest first. */
export async function sealsToRetire(db: Db, before: Date): Promise<Seal[]> {
  const rows = await db.$queryRaw<SealRow[]>`
    select ${columns} from audit_seals seal
    where seal.last_at < ${before}
      and exists (select from audit_seal_copies copy where copy.seal_id = seal.id)
      and not exists (select from audit_tombstones stone where stone.seal_id = seal.id)
    order by seal.number limit 100`;
  return rows.map(toSeal);
}
