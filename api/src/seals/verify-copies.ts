import { hashStartOf, parseSealKey, sealPrefix } from "./copies.ts";
import type { Walk } from "./walk.ts";

/** Batches whose copy was noted and is not in storage any more. */
export async function findUncopied({ db, storage, report }: Walk): Promise<void> {
  // Asked before the list, so that a copy that is made meanwhile is in both or in the list alone.
  const noted = await db.auditSealCopy.findMany({
    select: { key: true, seal: { select: { number: true } } },
    orderBy: { seal: { number: "asc" } },
  });
  const stored = new Set<string>();
  for await (const key of storage.keys(sealPrefix)) stored.add(key);
  for (const { key, seal } of noted) {
    if (stored.has(key)) continue;
    report({
      kind: "copy-missing",
      seal: seal.number.toString(),
      row: null,
      message: `The copy of seal ${seal.number} is not in artifact storage any more.`,
    });
  }
}

/** Copies of seals that the database does not have: it was set back, or its newest seals were removed. */
export async function findExtraCopies(
  { db, storage, report }: Walk,
  known: ReadonlyMap<bigint, string>,
): Promise<void> {
  for await (const key of storage.keys(sealPrefix)) {
    const copy = parseSealKey(key);
    if (copy === null) continue;
    const hashStart = known.get(copy.number) ?? (await sealedMeanwhile(db, copy.number));
    const at = { seal: copy.number.toString(), row: null };
    if (hashStart === null) {
      report({
        ...at,
        kind: "seal-removed",
        message: `Seal ${copy.number} is in artifact storage and not in the database: it was removed, or an older state of the database was brought back.`,
      });
    } else if (hashStart !== copy.hashStart) {
      report({
        ...at,
        kind: "copy-forked",
        message: `Artifact storage has another seal ${copy.number} (${copy.hashStart}…): an older state of the database was brought back, and went on from there.`,
      });
    }
  }
}

async function sealedMeanwhile(db: Walk["db"], number: bigint): Promise<string | null> {
  const seal = await db.auditSeal.findUnique({ where: { number }, select: { hash: true } });
  return seal && hashStartOf({ hash: Buffer.from(seal.hash) });
}
