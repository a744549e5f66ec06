import { Prisma } from "@remote-claude/prisma";
import type { ConversationHit, TitleHit } from "@remote-claude/protocol";
import type { Context, Principal } from "../context.ts";
import { storableText } from "../lib/storable.ts";
import { queryOf, snippetOf, type Terms, termsOf } from "./words.ts";

export interface SearchRequest {
  readonly q: string;
  readonly sessionId?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

const maxTitles = 20;

/** The sessions that this person is something in: whoever is not finds nothing, by any words. */
function ownSessions(userId: string, now: Date, sessionId: string | undefined): Prisma.Sql {
  const only = sessionId === undefined ? Prisma.empty : Prisma.sql`and s.id = ${sessionId}::uuid`;
  return Prisma.sql`
    select s.id, s.name from sessions s where s.owner_id = ${userId}::uuid and s.deleted_at is null ${only}
    union
    select s.id, s.name from session_members m join sessions s on s.id = m.session_id
    where m.user_id = ${userId}::uuid and (m.expires_at is null or m.expires_at > ${now})
      and s.deleted_at is null ${only}`;
}

type HitRow = Omit<ConversationHit, "at" | "snippet" | "by"> & { at: Date; kind: string; said: string };

function findHits(context: Context, mine: Prisma.Sql, query: string, { before, limit }: SearchRequest) {
  const earlier = before === undefined ? Prisma.empty : Prisma.sql`and e.at < ${new Date(before)}`;
  // What a fork has copied is found where it was said.
  return context.db.$queryRaw<HitRow[]>`
    with mine as materialized (${mine})
    select e.session_id::text as "sessionId", mine.name as "sessionName",
      e.conversation_id::text as "conversationId", c.title, c.archived_at is not null as archived,
      e.seq, e.at, e.kind, said_in_event(e.kind, e.event) as said,
      coalesce(case when e.kind = 'sdk' then e.event #>> '{message,message,id}' else e.event ->> 'messageId' end, '')
        as "messageId"
    from conversation_events e
    join mine on mine.id = e.session_id
    join conversations c on c.id = e.conversation_id
    where e.kind in ('user-message', 'prompt-edited', 'sdk')
      and words_of(said_in_event(e.kind, e.event)) @@ to_tsquery('pg_catalog.simple', ${query})
      and e.seq > coalesce(c.forked_at_seq, 0) ${earlier}
    order by e.at desc, e.conversation_id, e.seq desc
    limit ${limit + 1}`;
}

async function findTitles(context: Context, mine: Prisma.Sql, query: string): Promise<TitleHit[]> {
  const rows = await context.db.$queryRaw<(Omit<TitleHit, "lastActiveAt"> & { lastActiveAt: Date })[]>`
    with mine as materialized (${mine})
    select c.session_id::text as "sessionId", mine.name as "sessionName", c.id::text as "conversationId", c.title,
      c.archived_at is not null as archived, c.last_active_at as "lastActiveAt"
    from conversations c join mine on mine.id = c.session_id
    where words_of(c.title) @@ to_tsquery('pg_catalog.simple', ${query})
    order by c.last_active_at desc limit ${maxTitles}`;
  return rows.map((row) => ({ ...row, lastActiveAt: row.lastActiveAt.toISOString() }));
}

function present({ kind, said, at, ...hit }: HitRow, terms: Terms): ConversationHit {
  const by = kind === "sdk" ? "claude" : "person";
  return { ...hit, at: at.toISOString(), by, snippet: snippetOf(said, terms) };
}

/** What was said, by people and Claude, in every session that this person is something in; newest first. */
export async function search(context: Context, principal: Principal, request: SearchRequest) {
  const terms = termsOf(storableText(request.q));
  const query = queryOf(terms);
  if (query === "") return { hits: [], titles: [], more: false };
  const mine = ownSessions(principal.id, context.clock.now(), request.sessionId);
  const [rows, titles] = await Promise.all([
    findHits(context, mine, query, request),
    request.before === undefined ? findTitles(context, mine, query) : [],
  ]);
  const hits = rows.slice(0, request.limit).map((row) => present(row, terms));
  return { hits, titles, more: rows.length > request.limit };
}
