import { lineOf } from "./canonical.ts";
import { copiedLines } from "./copies.ts";
import { leafHash, MerkleTree } from "./merkle.ts";
import { type Held, heldRows } from "./rows.ts";
import type { Seal } from "./seal-store.ts";
import type { Walk } from "./walk.ts";

/** What the rows of a batch came to. */
interface Batch {
  readonly tree: MerkleTree;
  /** Of each row as it is now, by position; null where there is none. */
  readonly lines: (string | null)[];
  readonly ids: string[];
  sound: boolean;
}

/** The rows of a batch against its seal and its copy. Returns how many it should hold. */
export async function verifyRows(walk: Walk, seal: Seal): Promise<number> {
  const batch: Batch = { tree: new MerkleTree(), lines: [], ids: [], sound: true };
  for await (const page of heldRows(walk.db, seal.id)) {
    for (const held of page) await verifyRow(walk, seal, batch, held);
  }
  const isWhole = batch.tree.root().equals(seal.merkleRoot) && batch.tree.size === seal.rowCount;
  await compareWithCopy(walk, seal, batch, isWhole);
  return seal.rowCount;
}

async function verifyRow({ db, report }: Walk, seal: Seal, batch: Batch, held: Held): Promise<void> {
  const line = held.row === null ? null : safeLine(held.row);
  batch.lines.push(line);
  batch.ids.push(held.auditId);
  const hash = line === null ? null : leafHash(line);
  batch.tree.add(hash ?? held.leafHash);
  if (hash?.equals(held.leafHash)) return;
  batch.sound = false;
  const at = { seal: seal.number.toString(), row: held.auditId };
  if (held.row === null && (await db.auditLog.count({ where: { id: held.auditId } })) === 0) {
    report({
      ...at,
      kind: "row-missing",
      message: `Row ${held.auditId} was deleted after seal ${seal.number}.`,
    });
  } else {
    report({
      ...at,
      kind: "row-changed",
      message: `Row ${held.auditId} was changed after seal ${seal.number}.`,
    });
  }
}

/** A superuser can put there what is no row of ours. */
function safeLine(row: Parameters<typeof lineOf>[0]): string {
  try {
    return lineOf(row);
  } catch {
    return "";
  }
}

/** The copy names the first row that differs also where the list of a batch's rows was rewritten. */
async function compareWithCopy(
  { storage, report }: Walk,
  seal: Seal,
  batch: Batch,
  isWhole: boolean,
): Promise<void> {
  const at = { seal: seal.number.toString(), row: null };
  const differs = (row: string | null, what: string) =>
    report({
      ...at,
      row,
      kind: "rows-differ",
      message: `The rows of seal ${seal.number} are not those that were sealed: ${what}`,
    });
  let copied: string[] | null;
  try {
    const lines = await copiedLines(storage, seal);
    copied = lines === null ? null : [];
    for await (const line of lines ?? []) copied?.push(line);
  } catch (error) {
    report({
      ...at,
      kind: "copy-differs",
      message: `The copy of seal ${seal.number} in artifact storage cannot be read: ${(error as Error).message}`,
    });
    copied = null;
  }
  if (copied === null) {
    if (!isWhole && batch.sound) differs(null, "some were added, left out or put in another order.");
    return;
  }
  const copyTree = new MerkleTree();
  for (const line of copied) copyTree.add(leafHash(line));
  if (!copyTree.root().equals(seal.merkleRoot)) {
    report({
      ...at,
      kind: "copy-differs",
      message: `The copy of seal ${seal.number} in artifact storage is not what was sealed.`,
    });
    if (!isWhole && batch.sound) differs(null, "some were added, left out or put in another order.");
  } else if (!isWhole && batch.sound) {
    const first = copied.findIndex((line, index) => line !== batch.lines[index]);
    const position = first === -1 ? copied.length : first;
    const wanted = idOf(copied[position]);
    const there = batch.ids[position] ?? null;
    differs(
      wanted ?? there,
      `in place ${position + 1} belongs ${wanted === null ? "nothing" : `row ${wanted}`}, and ${there === null ? "nothing is there" : `row ${there} is there`}.`,
    );
  }
}

const idOf = (line: string | undefined): string | null =>
  line === undefined ? null : (JSON.parse(line) as { id: string }).id;

/** Rows that claim to be older than the newest seal, and are in none. */
export async function findInserted({ db, report }: Walk, newest: Seal | null): Promise<void> {
  if (newest === null) return;
  const [server] = await db.$queryRaw<[{ cluster: string }]>`
    select system_identifier::text as cluster from pg_control_system()`;
  // After a restore, and before the first seal there, transaction ids tell nothing.
  if (server.cluster !== newest.cluster) return;
  const rows = await db.$queryRaw<{ id: string }[]>`
    select log.id::text as id from audit_logs log
    where log.txid < ${String(newest.snapshotXmin)}::xid8
      and not exists (select from audit_seal_rows held where held.audit_id = log.id)
    order by log.txid, log.id limit 100`;
  for (const { id } of rows) {
    report({
      kind: "row-inserted",
      seal: newest.number.toString(),
      row: id,
      message: `Row ${id} is in no seal, though its transaction is older than seal ${newest.number}: it was put there afterwards.`,
    });
  }
}
