import { Prisma, type Transaction } from "@remote-claude/prisma";
import { AppError, type SessionState } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal, SessionAccess } from "../context.ts";
import { announceSession, findSessionAccess, getRecord, getSessionAccess } from "../sessions/index.ts";
import { readSettings } from "../settings/index.ts";
import { putPart } from "../sharing/index.ts";

const lookMs = 3_600_000;

/** A row of the list of everybody's sessions. */
export interface AdminSessionRow {
  readonly id: string;
  readonly name: string;
  readonly state: SessionState;
  readonly stateMessage: string | null;
  readonly ownerId: string;
  readonly ownerName: string;
  readonly ownerEmail: string;
  readonly template: string;
  readonly createdAt: Date;
  readonly lastActiveAt: Date;
  readonly sizeBytes: number | null;
  readonly costUsd: number;
}

/** Where a page of the list ended, as text: rows are told apart by both. */
const cursorOf = ({ lastActiveAt, id }: AdminSessionRow) => `${lastActiveAt.toISOString()}_${id}`;

function afterCursor(cursor: string): Prisma.Sql {
  const [, at, id] = /^(\d{4}-\d\d-\d\dT[\d:.]{8,12}Z)_([0-9a-f-]{36})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined)
    throw new AppError("bad_request", "after: not where a page ended");
  return Prisma.sql`(s.last_active_at, s.id) < (${new Date(at)}, ${id}::uuid)`;
}

function select(where: Prisma.Sql, limit: number): Prisma.Sql {
  return Prisma.sql`
    select s.id, s.name, s.state::text as state, s.state_message as "stateMessage", s.owner_id as "ownerId",
      o.name as "ownerName", o.email as "ownerEmail", s.template, s.created_at as "createdAt",
      s.last_active_at as "lastActiveAt", s.size_bytes::float8 as "sizeBytes", s.cost_usd::float8 as "costUsd"
    from sessions s join users o on o.id = s.owner_id
    where s.deleted_at is null and ${where}
    order by s.last_active_at desc, s.id desc limit ${limit}`;
}

/** Everybody's sessions from outside, newest activity first, a page at a time. */
export async function listAllSessions(
  { db }: Context,
  filter: { search: string; live?: "1" | undefined; after?: string | undefined; limit: number },
): Promise<{ sessions: AdminSessionRow[]; next: string | null }> {
  const conditions = [Prisma.sql`true`];
  if (filter.search !== "") {
    const text = filter.search.toLowerCase();
    conditions.push(Prisma.sql`(position(${text} in lower(s.name)) > 0 or position(${text} in o.email) > 0
      or position(${text} in lower(o.name)) > 0)`);
  }
  if (filter.live !== undefined) {
    conditions.push(Prisma.sql`s.state in ('creating', 'starting', 'running', 'paused', 'stopping')`);
  }
  if (filter.after !== undefined) conditions.push(afterCursor(filter.after));
  const rows = await db.$queryRaw<AdminSessionRow[]>(
    select(Prisma.join(conditions, " and "), filter.limit + 1),
  );
  const sessions = rows.slice(0, filter.limit);
  const last = sessions.at(-1);
  return { sessions, next: rows.length > filter.limit && last !== undefined ? cursorOf(last) : null };
}

export async function getSessionRow({ db }: Context, sessionId: string): Promise<AdminSessionRow> {
  const [row] = await db.$queryRaw<AdminSessionRow[]>(select(Prisma.sql`s.id = ${sessionId}::uuid`, 1));
  if (row === undefined) throw new AppError("not_found", "There is no such session.");
  return row;
}

const notAllowed = () =>
  new AppError("forbidden", "The organisation's settings do not let admins look inside.");

/** Holds role and setting as they are until the end: what takes either away finds the part and takes it too. */
async function assertStillMay(context: Context, transaction: Transaction, { id }: Principal): Promise<void> {
  await transaction.$executeRaw`select pg_advisory_xact_lock_shared(hashtext('settings'))`;
  if (!(await readSettings(context, transaction)).adminsMayLookInside) throw notAllowed();
  const admins = await transaction.$executeRaw`
    select 1 from users where id = ${id}::uuid and role = 'admin' and status = 'active' for share`;
  if (admins === 0) throw new AppError("forbidden", "Your role does not allow this.");
}

/**
 * Makes an admin a viewer of somebody's session for an hour. Nothing of it is hidden: it is on record with the reason
 * and on whose session it was, the owner finds them among the people of the session and may put them out.
 */
export async function lookInside(
  context: Context,
  principal: Principal,
  sessionId: string,
  reason: string,
): Promise<SessionAccess> {
  const { adminsMayLookInside } = await readSettings(context, context.db);
  const session = await getRecord(context, sessionId);
  const known = await findSessionAccess(context, principal, sessionId);
  if (known !== null) return known;
  if (!adminsMayLookInside) throw notAllowed();
  const expiresAt = new Date(context.clock.now().getTime() + lookMs);
  await context.db.$transaction(async (transaction) => {
    await assertStillMay(context, transaction, principal);
    const isNew = await putPart(context, transaction, sessionId, principal.id, {
      role: "viewer",
      mayAnswer: false,
      addedById: principal.id,
      shareLinkId: null,
      expiresAt,
    });
    if (!isNew) return;
    await record(transaction, {
      action: "session.looked-inside",
      actor: principal,
      sessionId,
      target: session.name,
      onBehalfOf: session.ownerId,
      details: { reason, expiresAt },
    });
  });
  announceSession(context, sessionId);
  const { name } = session;
  const by = { id: principal.id, name: principal.name };
  context.broadcast.toUsers("session.looked-inside", [session.ownerId], sessionId, { name, by, reason });
  return getSessionAccess(context, principal, sessionId);
}
