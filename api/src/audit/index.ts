import { type Db, newId, Prisma, type Transaction } from "@remote-claude/prisma";
import type { AuditAction, AuditResult } from "@remote-claude/protocol";
import type { Principal } from "../context.ts";
import { cleanText, detailsJson } from "./redact.ts";

/**
 * Who did it: a signed-in person (or their token), Claude on behalf of a person, the system itself, or somebody
 * who is not known (yet), of whom only the address is.
 */
export type AuditActor =
  | Principal
  | { readonly kind: "claude"; readonly userId: string | null }
  | { readonly kind: "system" }
  | {
      readonly kind: "user";
      readonly userId: string | null;
      readonly address: string | null;
      readonly userAgent: string | null;
      readonly requestId?: string;
    };

const maxTargetLength = 4200;

export interface AuditEntry {
  readonly action: AuditAction;
  readonly actor: AuditActor;
  /** Default: success. */
  readonly result?: AuditResult;
  readonly sessionId?: string | null;
  /** What it was done to: a path, a host, a name. */
  readonly target?: string | null;
  /** Secrets are blacked out and long texts cut; still, put in only what a reviewer needs. */
  readonly details?: Record<string, unknown>;
  readonly onBehalfOf?: string | null;
}

/**
 * Records an act. Pass the transaction that does the act: either both are kept or neither. (A plain Db is right
 * only for what changes no row of ours, such as a refusal.)
 */
export async function record(transaction: Transaction, entry: AuditEntry): Promise<void> {
  await recordAll(transaction, [entry]);
}

/** The same for several acts at once, in one statement. */
export async function recordAll(transaction: Transaction, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await transaction.$executeRaw`
    insert into audit_logs (id, actor_kind, user_id, token_id, on_behalf_of, action, result, session_id, target,
                            address, user_agent, request_id, details)
    values ${Prisma.join(entries.map(row))}`;
}

/** The same act as its row will tell it: for whoever keeps it until then. */
export function cleanEntry<Entry extends AuditEntry>(entry: Entry): Entry {
  const { target, details } = entry;
  return {
    ...entry,
    ...(typeof target === "string" && { target: cleanText(target, maxTargetLength) }),
    ...(details !== undefined && { details: JSON.parse(detailsJson(details)) as Record<string, unknown> }),
  };
}

/** What belongs into the transaction of an act that is recorded once. */
interface Alongside {
  /** Before anything is recorded; true: the act is under way, and nothing is. */
  isUnderWay(transaction: Transaction, who: { userId: string | null; details: string }): Promise<boolean>;
  /** When there is a row. */
  recorded(transaction: Transaction): Promise<void>;
}

/**
 * Records an act that may be asked for again with the same details, such as a prompt that is re-sent when its answer
 * was lost, and is then done once: a row like it of the last day, not refused afterwards, is enough. Two in the same
 * moment, at whichever api, take turns by a lock of the database that ends with the transaction.
 */
export async function recordOnce(
  db: Db,
  entry: AuditEntry & { sessionId: string },
  alongside: Alongside,
): Promise<void> {
  const { userId } = describeActor(entry.actor);
  const details = detailsJson(entry.details ?? {});
  const act = JSON.stringify([entry.sessionId, entry.action, userId, details]);
  await db.$transaction(async (transaction) => {
    // In a statement of its own: the next one sees what whoever held the lock has committed.
    await transaction.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${act}, 0))`;
    if (await alongside.isUnderWay(transaction, { userId, details })) return;
    const [found] = await transaction.$queryRaw<{ standing: bigint }[]>`
      select coalesce(sum(case result when 'success' then 1 else -1 end), 0) as standing from audit_logs
      where session_id = ${entry.sessionId}::uuid and at > now() - interval '1 day' and action = ${entry.action}
        and user_id is not distinct from ${userId}::uuid
        and details - 'settledLater' - 'outcome' = ${details}::jsonb and details->'truncated' is null`;
    if (Number(found?.standing ?? 0) > 0) return;
    await record(transaction, entry);
    await alongside.recorded(transaction);
  });
}

function row(entry: AuditEntry): Prisma.Sql {
  const who = describeActor(entry.actor);
  const text = (value: string | null | undefined, length: number) =>
    value === null || value === undefined ? null : cleanText(value, length);
  return Prisma.sql`(
    ${newId()}::uuid, ${who.kind}::audit_actor_kind, ${who.userId}::uuid, ${who.tokenId}::uuid,
    ${entry.onBehalfOf ?? null}::uuid, ${entry.action}, ${entry.result ?? "success"}::audit_result,
    ${entry.sessionId ?? null}::uuid, ${text(entry.target, maxTargetLength)}, ${text(who.address, 100)},
    ${text(who.userAgent, 500)}, ${text(who.requestId, 100)}, ${detailsJson(entry.details ?? {})}::jsonb)`;
}

function describeActor(actor: AuditActor) {
  if (!("kind" in actor)) {
    const byToken = actor.via.kind === "token";
    return {
      kind: byToken ? "token" : "user",
      userId: actor.id,
      tokenId: byToken ? actor.via.id : null,
      address: actor.address,
      userAgent: actor.userAgent,
      requestId: actor.requestId,
    };
  }
  const nowhere = { tokenId: null, address: null, userAgent: null, requestId: null };
  if (actor.kind === "system") return { ...nowhere, kind: "system", userId: null };
  if (actor.kind === "claude") return { ...nowhere, kind: "claude", userId: actor.userId };
  return { ...nowhere, ...actor, requestId: actor.requestId ?? null };
}
