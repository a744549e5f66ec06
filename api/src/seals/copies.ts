import { pipeline as pipe, Readable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import type { Db } from "@remote-claude/prisma";
import { AppError, linesIn } from "@remote-claude/protocol";
import type { Storage } from "../storage/index.ts";
import { headerText, lineOf } from "./canonical.ts";
import { leafHash, MerkleTree } from "./merkle.ts";
import { heldRows } from "./rows.ts";
import { copiedSeals, type Seal, sealsToCopy } from "./seal-store.ts";

/** Under these lie the seals, and what they hold. Ours alone: artifacts are elsewhere. */
export const sealPrefix = "audit/seals/";
const rowsPrefix = "audit/rows/";

/** Sorts by number. The hash keeps the copies of two histories apart, when a database was set back. */
export const hashStartOf = ({ hash }: Pick<Seal, "hash">) => hash.toString("hex").slice(0, 16);
const nameOf = (seal: Pick<Seal, "number" | "hash">) =>
  `${String(seal.number).padStart(12, "0")}-${hashStartOf(seal)}`;
export const sealKeyOf = (seal: Pick<Seal, "number" | "hash">) => `${sealPrefix}${nameOf(seal)}.json`;
export const rowsKeyOf = (seal: Pick<Seal, "number" | "hash">) => `${rowsPrefix}${nameOf(seal)}.jsonl.gz`;

/** The number and the beginning of the hash that a copy's key speaks of; null: it is none. */
export function parseSealKey(key: string): { number: bigint; hashStart: string } | null {
  const [, number, hashStart] = /^audit\/seals\/(\d{12,})-([0-9a-f]{16})\.json$/.exec(key) ?? [];
  return number === undefined || hashStart === undefined ? null : { number: BigInt(number), hashStart };
}

/** A seal as it is stored and exported: its text as it was signed, and with what key. */
export interface StoredSeal {
  /** The canonical text. */
  readonly header: string;
  /** Base64. */
  readonly signature: string;
  /** SPKI DER, base64. */
  readonly publicKey: string;
}

/** What a batch should hold is not there any more: nothing is stored, so that no false copy stands beside it. */
export class BatchDiffers extends Error {
  override name = "BatchDiffers";
}

/**
 * Copies sealed batches that are not in storage yet, oldest first. A crash between the copy and its note makes the
 * same copy once more. Returns how many were copied, and the numbers of those that hold something else by now.
 */
export async function copyBatches(
  { db, storage }: { db: Db; storage: Storage },
  { retainUntil, limit = 100 }: { retainUntil: Date | null; limit?: number },
): Promise<{ copied: number; differing: bigint[] }> {
  const differing: bigint[] = [];
  const seals = await sealsToCopy(db, limit);
  for (const seal of seals) {
    try {
      await copyBatch({ db, storage }, seal, retainUntil);
    } catch (error) {
      if (!(error instanceof BatchDiffers)) throw error;
      differing.push(seal.number);
    }
  }
  return { copied: seals.length - differing.length, differing };
}

/**
 * Makes copies again that were noted and are not in storage: it was brought back older than the database, or somebody
 * removed them. Returns the numbers of their seals.
 */
export async function copyAgain(
  { db, storage }: { db: Db; storage: Storage },
  retainUntil: Date | null,
): Promise<bigint[]> {
  const made: bigint[] = [];
  for (const seal of await missingCopies({ db, storage })) {
    try {
      await copyBatch({ db, storage }, seal, retainUntil);
      made.push(seal.number);
    } catch (error) {
      // Verification names it.
      if (!(error instanceof BatchDiffers)) throw error;
    }
  }
  return made;
}

async function missingCopies({ db, storage }: { db: Db; storage: Storage }): Promise<Seal[]> {
  // Asked before the list, so that a copy that is made meanwhile is in both or in the list alone.
  const noted = await copiedSeals(db);
  const stored = new Set<string>();
  for await (const key of storage.keys("audit/")) stored.add(key);
  return noted.filter((seal) => !stored.has(sealKeyOf(seal)) || !stored.has(rowsKeyOf(seal)));
}

async function copyBatch(
  { db, storage }: { db: Db; storage: Storage },
  seal: Seal,
  retainUntil: Date | null,
): Promise<void> {
  const locked = retainUntil === null ? {} : { retainUntil };
  const packed = pipe(Readable.from(linesOf(db, seal)), createGzip(), () => {});
  await storage.put(rowsKeyOf(seal), packed, { contentType: "application/gzip", ...locked });
  const text = JSON.stringify(await storedSeal(db, seal));
  await storage.put(sealKeyOf(seal), Readable.from([text]), { contentType: "application/json", ...locked });
  await db.auditSealCopy.createMany({
    data: { sealId: seal.id, key: sealKeyOf(seal) },
    skipDuplicates: true,
  });
}

export async function storedSeal(db: Db, seal: Seal): Promise<StoredSeal> {
  const key = await db.auditKey.findUnique({ where: { id: seal.keyId } });
  return {
    header: headerText(seal),
    signature: seal.signature.toString("base64"),
    publicKey: Buffer.from(key?.publicKey ?? []).toString("base64"),
  };
}

/** The lines of a batch, each with its end. Throws BatchDiffers at the end when they are not what was sealed. */
export async function* linesOf(db: Db, seal: Seal): AsyncGenerator<string> {
  const tree = new MerkleTree();
  for await (const page of heldRows(db, seal.id)) {
    for (const { row } of page) {
      if (row === null) continue;
      const line = lineOf(row);
      tree.add(leafHash(line));
      yield `${line}\n`;
    }
  }
  if (!tree.root().equals(seal.merkleRoot)) {
    throw new BatchDiffers(`the rows of seal ${seal.number} are not those that were sealed`);
  }
}

/** The lines of a batch's copy, without their ends; null when there is no copy. */
export async function copiedLines(storage: Storage, seal: Seal): Promise<AsyncIterable<string> | null> {
  try {
    const { body } = await storage.get(rowsKeyOf(seal));
    return linesIn(pipe(body, createGunzip(), () => {}).setEncoding("utf8"));
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return null;
    throw error;
  }
}
