import type { Db } from "@remote-claude/prisma";
import type { Storage } from "../storage/index.ts";
import type { TrustedKeys } from "./trusted-keys.ts";

export type ProblemKind =
  | "seal-missing"
  | "seal-changed"
  | "seal-unchained"
  | "seal-unsigned"
  | "seal-removed"
  | "key-untrusted"
  | "row-changed"
  | "row-missing"
  | "row-inserted"
  | "rows-differ"
  | "copy-missing"
  | "copy-differs"
  | "copy-forked"
  | "tombstone-wrong";

/** One thing that does not fit, in words that name it. */
export interface Problem {
  readonly kind: ProblemKind;
  /** Of the seal that it was found at. */
  readonly seal: string | null;
  /** Of the audit row, where it is one. */
  readonly row: string | null;
  readonly message: string;
}

/** What a walk over the seals carries along. */
export interface Walk {
  readonly db: Db;
  readonly storage: Storage;
  readonly keys: TrustedKeys;
  report(problem: Problem): void;
}
