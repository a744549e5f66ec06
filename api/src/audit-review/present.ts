import { Prisma, type Transaction } from "@remote-claude/prisma";
import type { AuditActorKind, AuditEntry, AuditResult } from "@remote-claude/protocol";

interface EntryRow {
  id: string;
  at: Date;
  actorKind: AuditActorKind;
  userId: string | null;
  userName: string | null;
  userEmail: string | null;
  tokenId: string | null;
  tokenName: string | null;
  onBehalfOf: string | null;
  onBehalfOfName: string | null;
  action: string;
  result: AuditResult;
  sessionId: string | null;
  sessionName: string | null;
  target: string | null;
  address: string | null;
  userAgent: string | null;
  requestId: string | null;
  details: Record<string, unknown>;
  sealed: boolean;
}

/** The record outlives what it names. */
const named = (id: string | null, name: string | null) =>
  id === null ? null : { id, name: name ?? "(gone)" };

function present(row: EntryRow): AuditEntry {
  const { id, actorKind, action, result, target, address, userAgent, requestId, details, sealed } = row;
  const person = named(row.userId, row.userName);
  return {
    id,
    at: row.at.toISOString(),
    actorKind,
    person: person === null ? null : { ...person, email: row.userEmail ?? "" },
    token: named(row.tokenId, row.tokenName),
    onBehalfOf: named(row.onBehalfOf, row.onBehalfOfName),
    action,
    result,
    session: named(row.sessionId, row.sessionName),
    target,
    address,
    userAgent,
    requestId,
    details,
    sealed,
  };
}

/** The rows of `chosen`, a select of all columns of audit_logs, with the names of what they speak of. */
export async function entriesOf(
  db: Transaction,
  chosen: Prisma.Sql,
  order: "newest first" | "oldest first" = "newest first",
): Promise<AuditEntry[]> {
  const by = order === "newest first" ? Prisma.sql`desc` : Prisma.sql`asc`;
  const rows = await db.$queryRaw<EntryRow[]>`
    select log.id::text as id, log.at, log.actor_kind::text as "actorKind", log.user_id::text as "userId",
      person.name as "userName", person.email as "userEmail", log.token_id::text as "tokenId",
      token.name as "tokenName", log.on_behalf_of::text as "onBehalfOf", behalf.name as "onBehalfOfName",
      log.action, log.result::text as result, log.session_id::text as "sessionId", session.name as "sessionName",
      log.target, log.address, log.user_agent as "userAgent", log.request_id as "requestId", log.details,
      exists (select from audit_seal_rows held where held.audit_id = log.id) as sealed
    from (${chosen}) log
    left join users person on person.id = log.user_id
    left join users behalf on behalf.id = log.on_behalf_of
    left join tokens token on token.id = log.token_id
    left join sessions session on session.id = log.session_id
    order by log.at ${by}, log.id ${by}`;
  return rows.map(present);
}
