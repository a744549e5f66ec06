import { randomUUID } from "node:crypto";
import { newId, type Transaction } from "@remote-claude/prisma";
import { AppError } from "@remote-claude/protocol";
import { NotSent } from "../agents/index.ts";
import { type AuditEntry, cleanEntry, record, recordOnce } from "../audit/index.ts";
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

/** What goes through this api at the moment: each act, and the hold by which it is ours. */
export const underWay = perContext(() => new Map<string, string>());

/** Noted at the act: whoever has another in its place has no say in how it ended. */
const newHold = () => randomUUID();

/** With these nobody knows whether it happened. */
const undecided = new Set(["agent_unreachable", "timeout", "internal"]);
const isRefusal = (error: unknown) =>
  error instanceof NotSent || (error instanceof AppError && !undecided.has(error.code));

/**
 * Begins an act that is on record from the moment it is asked for; when it is not done, a second row says so. `once`:
 * asked for again with the same details, it is the same act, under the same number while nobody knows how it ended.
 */
export async function beginAsked(context: Context, entry: ActEntry, once = false): Promise<Act> {
  const endings: Endings = {
    done: async () => {},
    refused: (transaction, error) =>
      record(transaction, { ...entry, result: error instanceof AppError ? "refused" : "failed" }),
  };
  const held: Held = { id: newId(), hold: newHold() };
  if (!once) {
    await context.db.$transaction(async (transaction) => {
      await note(transaction, held, entry, true);
      await record(transaction, entry);
    });
    return actOf(context, held, endings);
  }
  let taken: string | null = null;
  await recordOnce(context.db, entry, {
    isUnderWay: async (transaction, as) => {
      taken = await takeOver(transaction, held.hold, entry, as);
      return taken !== null;
    },
    recorded: (transaction) => note(transaction, held, entry, true),
  });
  // The session knows both tries as one: that this one was refused says nothing of the one before, so it is asked.
  return taken === null ? actOf(context, held, endings) : actOf(context, { ...held, id: taken }, null);
}

/** Begins an act that is on record once it has happened, and not at all when it was refused. */
export async function beginUnasked(context: Context, entry: ActEntry): Promise<Act> {
  const held: Held = { id: newId(), hold: newHold() };
  await note(context.db, held, entry, false);
  return actOf(context, held, {
    done: (transaction, details) =>
      record(transaction, { ...entry, details: { ...entry.details, ...details } }),
    refused: async () => {},
  });
}

interface Endings {
  done(transaction: Transaction, details: Record<string, unknown>): Promise<void>;
  refused(transaction: Transaction, error: unknown): Promise<void>;
}

/** An act of ours. */
export interface Held {
  readonly id: string;
  readonly hold: string;
}

/** `endings`: null where the session alone says how it ended. */
function actOf(context: Context, { id, hold }: Held, endings: Endings | null): Act {
  const acts = underWay(context);
  acts.set(id, hold);
  // From here on it is anybody's to ask the session about, unless the database takes it now.
  const letGo = () => {
    if (acts.get(id) === hold) acts.delete(id);
  };
  return {
    id,
    async done(details = {}) {
      letGo();
      // Whoever took it over meanwhile has nothing to add: it happened.
      await settle(context, { id }, async (transaction) => endings?.done(transaction, details));
    },
    async failed(error) {
      letGo();
      if (endings !== null && isRefusal(error))
        await settle(context, { id, hold }, (transaction) => endings.refused(transaction, error));
      else await giveUp(context, { id, hold });
    },
  };
}

/** From here on it is ours: neither whoever began it nor whoever finds it says how it ended. null: it has ended. */
async function takeOver(
  transaction: Transaction,
  hold: string,
  { sessionId, action }: ActEntry,
  { userId, details }: { userId: string | null; details: string },
): Promise<string | null> {
  const [found] = await transaction.$queryRaw<{ id: string }[]>`
    update audit_intents set holder = ${hold}, heartbeat_at = now()
    where session_id = ${sessionId}::uuid and recorded and entry->>'action' = ${action}
      and coalesce(entry->'actor'->>'id', entry->'actor'->>'userId')::uuid is not distinct from ${userId}::uuid
      and coalesce(entry->'details', '{}') = ${details}::jsonb
    returning id::text as id`;
  return found?.id ?? null;
}

async function note(
  transaction: Transaction,
  { id, hold }: Held,
  entry: ActEntry,
  recorded: boolean,
): Promise<void> {
  // As its row will tell it: what is kept until then holds no more than the record does.
  const kept = JSON.stringify(storableJson(cleanEntry(entry)));
  await transaction.$executeRaw`
    insert into audit_intents (id, session_id, entry, recorded, holder)
    values (${id}::uuid, ${entry.sessionId}::uuid, ${kept}::jsonb, ${recorded}, ${hold})`;
}

/** Writes how it ended, unless somebody else has, or, with a `hold`, holds it by now. */
export async function settle(
  { db }: Context,
  { id, hold }: { readonly id: string; readonly hold?: string },
  write: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  const where = { id, ...(hold !== undefined && { holder: hold }) };
  await db.$transaction(async (transaction) => {
    const { count } = await transaction.auditIntent.deleteMany({ where });
    if (count === 1) await write(transaction);
  });
}

async function giveUp({ db }: Context, { id, hold }: Held): Promise<void> {
  await db.auditIntent.updateMany({ where: { id, holder: hold }, data: { heartbeatAt: new Date(0) } });
}
