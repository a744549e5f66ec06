import { randomUUID } from "node:crypto";
import { newId, type Transaction } from "@remote-claude/prisma";
import { AppError } from "@remote-claude/protocol";
import { NotSent } from "../agents/index.ts";
import { type AuditEntry, record, recordOnce } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import { storableJson } from "../lib/storable.ts";

export type ActEntry = AuditEntry & { readonly sessionId: string };

/** An act in a session, which no transaction takes back: what is on record must agree with it all the same. */
export interface Act {
  /** The number by which the session's agent knows it. */
  readonly id: string;
  /** It happened; `details`: what is known of it only now. */
  done(details?: Record<string, unknown>): Promise<void>;
  /** The session refused it; or nobody knows, and the session is asked as soon as it answers. */
  failed(error: unknown): Promise<void>;
}

/** This api, and what goes through it at the moment. */
export const underWay = perContext(() => ({ holder: randomUUID(), acts: new Set<string>() }));

/** With these nobody knows whether it happened. */
const undecided = new Set(["agent_unreachable", "timeout", "internal"]);
const isRefusal = (error: unknown) =>
  error instanceof NotSent || (error instanceof AppError && !undecided.has(error.code));

/**
 * Begins an act that is on record from the moment it is asked for; when it is not done, a second row says so. `once`:
 * asked for again with the same details, it is the same act.
 */
export async function beginAsked(context: Context, entry: ActEntry, once = false): Promise<Act> {
  const id = newId();
  const noteToo = (transaction: Transaction) => note(context, transaction, id, entry, true);
  if (once) await recordOnce(context.db, entry, noteToo);
  else
    await context.db.$transaction(async (transaction) => {
      await noteToo(transaction);
      await record(transaction, entry);
    });
  return actOf(context, id, {
    done: async () => {},
    refused: (transaction, error) =>
      record(transaction, { ...entry, result: error instanceof AppError ? "refused" : "failed" }),
  });
}

/** Begins an act that is on record once it has happened, and not at all when it was refused. */
export async function beginUnasked(context: Context, entry: ActEntry): Promise<Act> {
  const id = newId();
  await note(context, context.db, id, entry, false);
  return actOf(context, id, {
    done: (transaction, details) =>
      record(transaction, { ...entry, details: { ...entry.details, ...details } }),
    refused: async () => {},
  });
}

interface Endings {
  done(transaction: Transaction, details: Record<string, unknown>): Promise<void>;
  refused(transaction: Transaction, error: unknown): Promise<void>;
}

function actOf(context: Context, id: string, endings: Endings): Act {
  const { acts } = underWay(context);
  acts.add(id);
  return {
    id,
    // From here on it is anybody's to ask the session about, unless the database takes it now.
    async done(details = {}) {
      acts.delete(id);
      await settle(context, id, (transaction) => endings.done(transaction, details));
    },
    async failed(error) {
      acts.delete(id);
      if (isRefusal(error)) await settle(context, id, (transaction) => endings.refused(transaction, error));
      else await giveUp(context, id);
    },
  };
}

async function note(
  context: Context,
  transaction: Transaction,
  id: string,
  entry: ActEntry,
  recorded: boolean,
): Promise<void> {
  await transaction.$executeRaw`
    insert into audit_intents (id, session_id, entry, recorded, holder)
    values (${id}::uuid, ${entry.sessionId}::uuid, ${JSON.stringify(storableJson(entry))}::jsonb, ${recorded},
            ${underWay(context).holder})`;
}

/** Writes how it ended, unless somebody else has. */
export async function settle(
  { db }: Context,
  id: string,
  write: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  await db.$transaction(async (transaction) => {
    const { count } = await transaction.auditIntent.deleteMany({ where: { id } });
    if (count === 1) await write(transaction);
  });
}

async function giveUp({ db }: Context, id: string): Promise<void> {
  await db.auditIntent.updateMany({ where: { id }, data: { heartbeatAt: new Date(0) } });
}
