import type { Db, Prisma } from "@remote-claude/prisma";

/** An entry may hold a megabyte: a page ends before it becomes more than this, as Postgres keeps them. */
const maxPageBytes = 8 * 1024 * 1024;

type EventRow = Prisma.ConversationEventGetPayload<object>;

/** Entries after a seq, oldest first: at least one if there is one, at most `limit`. */
export async function pageAfter(
  db: Db,
  conversationId: string,
  after: number,
  limit: number,
): Promise<{ rows: EventRow[]; more: boolean }> {
  const sizes = await db.$queryRaw<Size[]>`
    select seq, pg_column_size(event) as bytes from conversation_events
    where conversation_id = ${conversationId}::uuid and seq > ${after} order by seq limit ${limit + 1}`;
  const page = fitting(sizes, limit);
  return { rows: await read(db, conversationId, page), more: page.length < sizes.length };
}

/** The last entries before a seq (null: of all), oldest first: at least one if there is one, at most `limit`. */
export async function pageBefore(
  db: Db,
  conversationId: string,
  before: number | null,
  limit: number,
): Promise<EventRow[]> {
  const sizes = await db.$queryRaw<Size[]>`
    select seq, pg_column_size(event) as bytes from conversation_events
    where conversation_id = ${conversationId}::uuid and seq < ${before ?? 2 ** 31 - 1}
    order by seq desc limit ${limit}`;
  return read(db, conversationId, fitting(sizes, limit).reverse());
}

interface Size {
  readonly seq: number;
  readonly bytes: number;
}

function fitting(sizes: readonly Size[], limit: number): Size[] {
  let sum = 0;
  const end = sizes.findIndex(({ bytes }, index) => {
    sum += bytes;
    return index > 0 && sum > maxPageBytes;
  });
  return sizes.slice(0, Math.min(limit, end === -1 ? sizes.length : end));
}

async function read(db: Db, conversationId: string, page: readonly Size[]): Promise<EventRow[]> {
  const [first, last] = [page[0], page.at(-1)];
  if (first === undefined || last === undefined) return [];
  return db.conversationEvent.findMany({
    where: { conversationId, seq: { gte: first.seq, lte: last.seq } },
    orderBy: { seq: "asc" },
  });
}
