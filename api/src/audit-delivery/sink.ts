import type { DeliveryName } from "@remote-claude/protocol";
import type { AuditRow } from "../seals/index.ts";

/** Where the audit record is delivered to. */
export interface Sink {
  readonly name: DeliveryName;
  /** For people: where it is, without what is secret about it. */
  readonly target: string;
  /**
   * Hands these rows over, in their order, and resolves when the other end has them. One that throws is asked with
   * the same rows again: the other end may get a row more than once, and tells by its id.
   */
  take(rows: readonly AuditRow[], signal: AbortSignal): Promise<void>;
}

/** Why a sink did not take rows, in words for an admin. */
export class NotTaken extends Error {
  override name = "NotTaken";
}

/** The other end is given so long for a batch. */
export const patienceMs = 20_000;
