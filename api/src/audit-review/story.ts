import { type Db, Prisma } from "@remote-claude/prisma";
import type { getAuditStory } from "@remote-claude/protocol";
import { AppError, type AuditEntry, type JournalEntry } from "@remote-claude/protocol";
import type { z } from "zod";
import { entriesOf } from "./present.ts";

type Story = z.output<NonNullable<typeof getAuditStory.reply>>;

/** So many of each kind are on a page. */
const pageSize = 500;
/** What was said may be a megabyte an entry: a page ends before it becomes more, as Postgres keeps them. */
const maxPageBytes = 8 * 1024 * 1024;

/** Where each of the two lists goes on. */
interface Cursor {
  readonly entry: readonly [at: string, id: string];
  readonly event: readonly [at: string, conversationId: string, seq: number];
}

const nobody = "00000000-0000-0000-0000-000000000000";
const begin = "1970-01-01T00:00:00.000Z";
const start: Cursor = { entry: [begin, nobody], event: [begin, nobody, 0] };

const cursorText = ({ entry, event }: Cursor) => [...entry, ...event].join("_");

function cursorOf(text: string | undefined): Cursor {
  if (text === undefined) return start;
  const time = String.raw`(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)`;
  const id = "([0-9a-f-]{36})";
  const parts = new RegExp(`^${time}_${id}_${time}_${id}_(\\d{1,9})$`).exec(text);
  const [, entryAt, entryId, eventAt, conversationId, seq] = parts ?? [];
  if (!entryAt || !entryId || !eventAt || !conversationId || !seq)
    throw new AppError("bad_request", "after: not where a page ended");
  return { entry: [entryAt, entryId], event: [eventAt, conversationId, Number(seq)] };
}

/** One list from its cursor on; `more`: it goes on behind what is here. */
interface Part<Item> {
  readonly items: readonly Item[];
  readonly more: boolean;
}

async function recorded(db: Db, sessionId: string, [at, id]: Cursor["entry"]): Promise<Part<AuditEntry>> {
  const items = await entriesOf(
    db,
    Prisma.sql`
      select * from audit_logs log where log.session_id = ${sessionId}::uuid and log.at >= ${new Date(at)}
        and (log.at, log.id) > (${new Date(at)}, ${id}::uuid) order by log.at, log.id limit ${pageSize + 1}`,
    "oldest first",
  );
  return { items: items.slice(0, pageSize), more: items.length > pageSize };
}

async function said(
  db: Db,
  sessionId: string,
  [at, conversationId, seq]: Cursor["event"],
): Promise<Part<JournalEntry>> {
  const rows = await db.$queryRaw<
    {
      conversationId: string;
      seq: number;
      at: Date;
      event: unknown;
      size: bigint;
      place: bigint;
      all: bigint;
    }[]
  >`
    with page as (
      select conversation_id, seq, at, pg_column_size(event) as bytes from conversation_events
      where session_id = ${sessionId}::uuid and at >= ${new Date(at)}
        and (at, conversation_id, seq) > (${new Date(at)}, ${conversationId}::uuid, ${seq}::int)
      order by at, conversation_id, seq limit ${pageSize + 1}),
    summed as (
      select *, sum(bytes) over places as size, row_number() over places as place, count(*) over () as "all"
      from page window places as (order by at, conversation_id, seq))
    select summed.conversation_id::text as "conversationId", summed.seq, summed.at, summed.place, summed."all",
      e.event
    from summed join conversation_events e on e.conversation_id = summed.conversation_id and e.seq = summed.seq
    where summed.place = 1 or (summed.place <= ${pageSize} and summed.size <= ${maxPageBytes})
    order by summed.place`;
  const items = rows.map((row) => ({
    conversationId: row.conversationId,
    seq: row.seq,
    at: row.at.toISOString(),
    event: row.event as JournalEntry["event"],
  }));
  return { items, more: Number(rows[0]?.all ?? 0) > items.length };
}

/** Up to where both lists are known: the earlier end of those that go on. */
function horizonOf(...parts: readonly Part<{ at: string }>[]): string | null {
  const ends = parts.flatMap(({ items, more }) => (more ? [items.at(-1)?.at ?? begin] : []));
  return ends.toSorted()[0] ?? null;
}

/** A page of the story; `not_found` where neither the database nor the record knows the session. */
export async function readStory(db: Db, sessionId: string, after?: string): Promise<Story> {
  const cursor = cursorOf(after);
  const [about, entries, journal] = await Promise.all([
    aboutOf(db, sessionId),
    recorded(db, sessionId, cursor.entry),
    said(db, sessionId, cursor.event),
  ]);
  if (about.session === null && after === undefined && entries.items.length === 0) {
    throw new AppError("not_found", "There is no such session on record.");
  }
  const horizon = horizonOf(entries, journal);
  const within = <Item extends { at: string }>({ items }: Part<Item>) =>
    items.filter(({ at }) => horizon === null || at <= horizon);
  const page = { entries: within(entries), journal: within(journal) };
  const entry = page.entries.at(-1);
  const event = page.journal.at(-1);
  const next: Cursor = {
    entry: entry === undefined ? cursor.entry : [entry.at, entry.id],
    event: event === undefined ? cursor.event : [event.at, event.conversationId, event.seq],
  };
  return { ...about, ...page, next: horizon === null ? null : cursorText(next) };
}

async function aboutOf(db: Db, sessionId: string): Promise<Pick<Story, "session" | "conversations">> {
  const [session, conversations] = await Promise.all([
    db.session.findUnique({
      where: { id: sessionId },
      select: {
        id: true,
        name: true,
        state: true,
        createdAt: true,
        deletedAt: true,
        owner: { select: { id: true, name: true, email: true } },
      },
    }),
    db.conversation.findMany({ where: { sessionId }, orderBy: { createdAt: "asc" }, take: 500 }),
  ]);
  return {
    session: session && {
      ...session,
      createdAt: session.createdAt.toISOString(),
      deletedAt: session.deletedAt?.toISOString() ?? null,
    },
    conversations: conversations.map(({ id, title, createdAt, archivedAt }) => ({
      id,
      title,
      createdAt: createdAt.toISOString(),
      archived: archivedAt !== null,
    })),
  };
}
