import type { Db } from "@remote-claude/prisma";
import { isSignedBy } from "../lib/seal-keys.ts";
import type { Storage } from "../storage/index.ts";
import { headerHash, headerText } from "./canonical.ts";
import { hashStartOf } from "./copies.ts";
import { type Seal, sealsFrom } from "./seal-store.ts";
import { trustedKeys } from "./trusted-keys.ts";
import { findExtraCopies, findUncopied } from "./verify-copies.ts";
import { findInserted, verifyRows } from "./verify-rows.ts";
import { verifyTombstone } from "./verify-tombstone.ts";
import type { Problem, Walk } from "./walk.ts";

export interface Report {
  readonly seals: number;
  readonly rows: number;
  /** Batches whose rows retention removed. */
  readonly retired: number;
  /** Fingerprints of the keys that signed, the first one first. */
  readonly keys: readonly string[];
  /** The newest seal: number and hash, to be kept elsewhere. */
  readonly head: { readonly number: string; readonly hash: string } | null;
  readonly problems: readonly Problem[];
  /** More were found than are listed. */
  readonly truncated: boolean;
}

export interface VerifyOptions {
  /** Fingerprints of keys to trust besides the first; none: the first, and whom it vouches for. */
  readonly trust?: readonly string[];
  readonly signal?: AbortSignal;
  /** Called after each seal. */
  readonly onProgress?: (seals: number, rows: number) => void;
}

const maxProblems = 200;
const firstHash = Buffer.alloc(32);

/**
 * Checks the whole record: each seal against its signature, its rows and the seal before it, rows against seals, and
 * all of it against the copies in artifact storage. Trusts nothing in the database but what the keys signed. Reads
 * only; what is written meanwhile is not sealed yet and left out.
 */
export async function verifyAudit(
  { db, storage }: { db: Db; storage: Storage },
  options: VerifyOptions = {},
): Promise<Report> {
  const problems: Problem[] = [];
  let found = 0;
  const walk: Walk = {
    db,
    storage,
    keys: await trustedKeys(db, options.trust ?? []),
    report(problem) {
      found += 1;
      if (problems.length < maxProblems) problems.push(problem);
    },
  };
  const counts = { seals: 0, rows: 0, retired: 0 };
  let previous: Seal | null = null;
  const known = new Map<bigint, string>();
  for await (const seal of sealsFrom(db, 1n)) {
    options.signal?.throwIfAborted();
    verifySeal(walk, seal, previous);
    known.set(seal.number, hashStartOf(seal));
    if (await verifyTombstone(walk, seal)) counts.retired += 1;
    else counts.rows += await verifyRows(walk, seal);
    counts.seals += 1;
    previous = seal;
    options.onProgress?.(counts.seals, counts.rows);
  }
  await findInserted(walk, previous);
  await findUncopied(walk);
  await findExtraCopies(walk, known);
  return {
    ...counts,
    keys: walk.keys.ids,
    head: previous && { number: previous.number.toString(), hash: previous.hash.toString("hex") },
    problems,
    truncated: found > problems.length,
  };
}

/** The seal alone, and its place in the chain. */
function verifySeal({ keys, report }: Walk, seal: Seal, previous: Seal | null): void {
  const at = { seal: seal.number.toString(), row: null };
  const expected = (previous?.number ?? 0n) + 1n;
  if (seal.number !== expected) {
    const gone =
      seal.number - expected === 1n ? `seal ${expected}` : `seals ${expected} to ${seal.number - 1n}`;
    report({ ...at, kind: "seal-missing", message: `There is no ${gone}: it was removed.` });
  }
  const text = headerText(seal);
  if (!headerHash(text).equals(seal.hash)) {
    report({
      ...at,
      kind: "seal-changed",
      message: `Seal ${seal.number} was changed: its hash is of something else.`,
    });
  }
  const key = keys.find(seal.keyId);
  if (key === null) {
    report({
      ...at,
      kind: "key-untrusted",
      message: `Seal ${seal.number} is signed with the key ${seal.keyId}, for which no trusted key vouches.`,
    });
  } else if (!isSignedBy(key, text, seal.signature)) {
    report({
      ...at,
      kind: "seal-unsigned",
      message: `Seal ${seal.number} was changed: its signature does not fit.`,
    });
  }
  if (seal.number === expected && !seal.previousHash.equals(previous?.hash ?? firstHash)) {
    report({
      ...at,
      kind: "seal-unchained",
      message: `Seal ${seal.number} does not follow seal ${expected - 1n} as it is now: one of them was replaced.`,
    });
  }
}
