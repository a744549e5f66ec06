import { Prisma, type Read, statement, type Transaction } from "@remote-claude/prisma";
import { SessionRole } from "@remote-claude/protocol";
import type { SessionAccess, SessionRecord } from "../context.ts";
import { type SessionPart, sessionAbilitiesOf } from "../policy/index.ts";

/** A time as Date's toISOString writes it. */
const isoTime = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Protocol's NextStop. */
const nextStop = `
  case when s.stops_at is not null then
    json_build_object('at', ${isoTime("s.stops_at")}, 'reason', s.stops_reason, 'action', s.stops_action)
  end as "nextStop"`;

/** Everything of a SessionRecord, in one query. */
const columns = `
  s.id, s.name, s.owner_id as "ownerId", o.name as "ownerName", s.state::text as state,
  s.state_message as "stateMessage", s.stop_reason as "stopReason", s.template,
  s.repository_url as "repositoryUrl", s.branch, s.isolation::text as isolation,
  s.size_bytes::float8 as "sizeBytes", s.cost_usd::float8 as "costUsd",
  s.created_at as "createdAt", s.last_active_at as "lastActiveAt", ${nextStop},
  exists (select 1 from conversations c where c.session_id = s.id and c.state = 'waiting') as waiting,
  s.source::text as source, s.archive_key as "archiveKey", s.prepared, p.id as "placeId", p.state::text as "placeState"`;

const tables = `
  sessions s join users o on o.id = s.owner_id left join places p on p.session_id = s.id and p.removed_at is null`;

type AccessRow = SessionRecord & { role: SessionRole; mayAnswer: boolean | null };

/** The row itself serves as the record: copying fifty of them field by field is felt in the list. */
const toAccess = (row: AccessRow): SessionAccess => ({
  session: row,
  role: row.role,
  mayAnswer: row.mayAnswer,
});

/** By the session, the person and the time. */
const access = statement(`
  select ${columns}, case when s.owner_id = $2::uuid then 'owner' else m.role::text end as role, m.may_answer as "mayAnswer"
  from ${tables} left join session_members m
    on m.session_id = s.id and m.user_id = $2::uuid and (m.expires_at is null or m.expires_at > $3::timestamptz)
  where s.id = $1::uuid and s.deleted_at is null and (s.owner_id = $2::uuid or m.user_id is not null)`);

/** The session, if this person is something in it; asked at the edge of every route and command of a session. */
export async function findAccess(
  read: Read,
  userId: string,
  sessionId: string,
  now: Date,
): Promise<SessionAccess | null> {
  const [found] = await read<AccessRow>(access, [sessionId, userId, now.toISOString()]);
  return found === undefined ? null : toAccess(found);
}

/** As presentSession gives them: constants, so that Postgres reads them once. */
const abilitiesByPart = SessionRole.options
  .flatMap((role) => [null, true, false].map((mayAnswer) => ({ role, mayAnswer })))
  .map((part) => {
    const key = part.mayAnswer === null ? part.role : `${part.role} ${part.mayAnswer}`;
    return `when '${key}' then '${JSON.stringify(sessionAbilitiesOf(part))}'::json`;
  })
  .join(" ");

/**
 * Every session that the person `userId` is something in at the time `now` (both are expressions), newest activity
 * first, as the text of the answer: what presentSession says, said by Postgres, because a row that becomes objects and
 * then text again took longer than the rest of the request. Each half finds its rows by an index of its own.
 */
export function listQuery(userId: string, now: string): string {
  return `
    select json_build_object('sessions', coalesce(json_agg(listed), '[]'))::text from (
      select s.id, s.name, s.state, s.state_message as "stateMessage", s.stop_reason as "stopReason", s.template,
        s.repository_url as "repositoryUrl", s.branch, s.isolation,
        json_build_object('id', s.owner_id, 'name', o.name) as owner, s.role,
        case s.role || coalesce(' ' || s.may_answer::text, '') ${abilitiesByPart} end as abilities,
        ${isoTime("s.created_at")} as "createdAt", ${isoTime("s.last_active_at")} as "lastActiveAt",
        ${nextStop},
        s.size_bytes as "sizeBytes", s.cost_usd::float8 as "costUsd",
        exists (select 1 from conversations c where c.session_id = s.id and c.state = 'waiting') as waiting
      from (
        select own.*, 'owner' as role, null::boolean as may_answer from sessions own where own.owner_id = ${userId} and own.deleted_at is null
        union all
        select shared.*, m.role::text, m.may_answer from session_members m join sessions shared on shared.id = m.session_id
        where m.user_id = ${userId} and (m.expires_at is null or m.expires_at > ${now})
          and shared.deleted_at is null
      ) s join users o on o.id = s.owner_id
      order by s.last_active_at desc, s.id desc
    ) listed`;
}

/** The session, whoever asks: for the api's own work. Deleted ones are not found. */
export async function findRecord(db: Transaction, sessionId: string): Promise<SessionRecord | null> {
  const [found] = await db.$queryRaw<SessionRecord[]>`
    select ${Prisma.raw(columns)} from ${Prisma.raw(tables)} where s.id = ${sessionId}::uuid and s.deleted_at is null`;
  return found ?? null;
}

/** Every session whose state says that something runs, or is on its way somewhere. */
export function listUnsettled(db: Transaction): Promise<SessionRecord[]> {
  return db.$queryRaw<SessionRecord[]>`
    select ${Prisma.raw(columns)} from ${Prisma.raw(tables)}
    where s.deleted_at is null and s.state in ('creating', 'starting', 'running', 'paused', 'stopping', 'deleting')`;
}

/** Who sees this session, with their part in it. */
export async function listMembers(
  db: Transaction,
  sessionId: string,
  now: Date,
): Promise<({ userId: string } & SessionPart)[]> {
  return db.$queryRaw<({ userId: string } & SessionPart)[]>`
    select owner_id::text as "userId", 'owner' as role, null::boolean as "mayAnswer"
    from sessions where id = ${sessionId}::uuid
    union all
    select user_id::text, role::text, may_answer from session_members
    where session_id = ${sessionId}::uuid and (expires_at is null or expires_at > ${now})`;
}
