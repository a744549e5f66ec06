import { type Db, newId, type Transaction } from "@remote-claude/prisma";
import { endorsementOf, type SealKey } from "../lib/seal-keys.ts";
import { headerText, lineOf, type SealHeader } from "./canonical.ts";
import { leafHash, MerkleTree } from "./merkle.ts";
import { type Range, unsealedRows } from "./rows.ts";
import { insertSeal, type Leaf, lastSeal, type Seal } from "./seal-store.ts";

/** Held by whoever seals. Any number that no other lock of ours has. */
const sealLock = 7_361_982_402n;
/** A seal holds no more rows, unless one transaction has written them. */
const maxRows = 10_000;
const firstHash = Buffer.alloc(32);

interface Bounds {
  readonly range: Range;
  readonly snapshotXmin: bigint;
}

/**
 * Closes one batch: every row whose transaction is older than every running one and that no seal holds yet, signed
 * and chained to the seal before. Returns how many rows it holds; 0: there was nothing to seal, or another api is at
 * it. `keys`: the first signs, and one of the others that signed before vouches for it.
 */
export async function closeBatch(
  db: Db,
  keys: readonly [SealKey, ...SealKey[]],
  now: Date,
  limit = maxRows,
): Promise<number> {
  return db.$transaction(
    async (transaction) => {
      const [lock] = await transaction.$queryRaw<{ held: boolean }[]>`
        select pg_try_advisory_xact_lock(${sealLock}) as held`;
      return lock?.held === true ? close(transaction, keys, now, limit) : 0;
    },
    { timeout: 10 * 60_000 },
  );
}

async function close(
  db: Transaction,
  keys: readonly [SealKey, ...SealKey[]],
  now: Date,
  limit: number,
): Promise<number> {
  const previous = await lastSeal(db);
  const [server] = await db.$queryRaw<[{ cluster: string; xmin: string }]>`
    select system_identifier::text as cluster, pg_snapshot_xmin(pg_current_snapshot())::text as xmin
    from pg_control_system()`;
  const { range, snapshotXmin } = await bounds(db, previous, server, limit);
  const tree = new MerkleTree();
  const leaves: Leaf[] = [];
  const times = { first: "", last: "" };
  for await (const page of unsealedRows(db, range)) {
    for (const row of page) {
      const hash = leafHash(lineOf(row));
      tree.add(hash);
      leaves.push({ auditId: row.id, at: row.at, hash });
      if (times.first === "" || row.at < times.first) times.first = row.at;
      if (row.at > times.last) times.last = row.at;
    }
  }
  if (leaves.length === 0) return 0;
  const [key] = keys;
  await ensureKey(db, keys);
  const header: SealHeader = {
    number: (previous?.number ?? 0n) + 1n,
    previousHash: previous?.hash ?? firstHash,
    merkleRoot: tree.root(),
    rowCount: leaves.length,
    firstAt: new Date(times.first),
    lastAt: new Date(times.last),
    cluster: server.cluster,
    snapshotXmin,
    keyId: key.id,
    createdAt: now,
  };
  await insertSeal(db, { id: newId(), header, signature: key.sign(headerText(header)), leaves });
  return leaves.length;
}

/**
 * The batch goes on where the one before ended: at its `snapshotXmin`. In another cluster (a dump was restored)
 * transaction ids have begun anew, so that whatever is there counts as complete.
 */
async function bounds(
  db: Transaction,
  previous: Seal | null,
  server: { cluster: string; xmin: string },
  limit: number,
): Promise<Bounds> {
  const xmin = BigInt(server.xmin);
  if (previous !== null && previous.cluster !== server.cluster) return { range: null, snapshotXmin: xmin };
  const from = previous?.snapshotXmin ?? 0n;
  const ids = await db.$queryRaw<{ txid: string }[]>`
    (select txid::text from audit_logs where txid >= ${String(from)}::xid8 and txid < ${String(xmin)}::xid8
     order by audit_logs.txid limit 1)
    union all
    (select txid::text from audit_logs where txid >= ${String(from)}::xid8 and txid < ${String(xmin)}::xid8
     order by audit_logs.txid offset ${limit} limit 1)`;
  const [first, beyond] = ids.map(({ txid }) => BigInt(txid));
  // Whole transactions: the one at the limit waits for the next batch, unless it is the only one.
  const to = first === undefined || beyond === undefined ? xmin : beyond === first ? first + 1n : beyond;
  return { range: { from, to }, snapshotXmin: to };
}

/** Notes the key at its first use. The former key that signed last vouches for it, when we hold that one too. */
async function ensureKey(db: Transaction, [key, ...former]: readonly [SealKey, ...SealKey[]]): Promise<void> {
  if ((await db.auditKey.count({ where: { id: key.id } })) > 0) return;
  const known = await db.auditKey.findFirst({
    where: { id: { in: former.map(({ id }) => id) } },
    orderBy: { createdAt: "desc" },
  });
  const voucher = former.find(({ id }) => id === known?.id);
  await db.auditKey.create({
    data: {
      id: key.id,
      publicKey: new Uint8Array(key.publicKey),
      ...(voucher && {
        endorsedBy: voucher.id,
        endorsement: new Uint8Array(voucher.sign(endorsementOf(key.id))),
      }),
    },
  });
}
