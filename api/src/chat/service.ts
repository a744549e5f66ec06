import { AppError, type Conversation, type JournalEntry, type Reply } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import { storableText } from "../lib/storable.ts";
import type { Recorder } from "../recorder/index.ts";
import { pageAfter, pageBefore } from "./pages.ts";
import { presentConversation, presentEntry } from "./present.ts";

/** How many entries one answer holds. */
const pageSize = 500;
const tailSize = 200;
const partialsTimeoutMs = 2000;

export interface Chat {
  readonly context: Context;
  readonly recorder: Recorder;
}

/** The row, if it is this session's; `not_found` otherwise. */
export async function getConversationRow({ context }: Chat, sessionId: string, conversationId: string) {
  const row = await context.db.conversation.findFirst({ where: { id: conversationId, sessionId } });
  if (row === null) throw new AppError("not_found", "There is no such conversation.");
  return row;
}

export async function assertConversation(
  chat: Chat,
  sessionId: string,
  conversationId: string,
): Promise<void> {
  await getConversationRow(chat, sessionId, conversationId);
}

export async function getConversation(
  chat: Chat,
  sessionId: string,
  conversationId: string,
): Promise<Conversation> {
  return presentConversation(await getConversationRow(chat, sessionId, conversationId));
}

/** Newest activity first; those that were put away only where they are asked for. */
export async function listConversations(
  { context }: Chat,
  sessionId: string,
  archived = false,
): Promise<Conversation[]> {
  const rows = await context.db.conversation.findMany({
    where: { sessionId, archivedAt: archived ? { not: null } : null },
    orderBy: { lastActiveAt: "desc" },
    take: 500,
  });
  return rows.map(presentConversation);
}

/** Makes the conversation, or returns the one that this id already names in this session. */
export async function createConversation(
  { context }: Chat,
  sessionId: string,
  request: { conversationId: string; title?: string | undefined; createdById: string },
): Promise<Conversation> {
  const title = request.title === undefined ? null : storableText(request.title);
  const { count } = await context.db.conversation.createMany({
    data: [
      {
        id: request.conversationId,
        sessionId,
        title,
        createdById: request.createdById,
      },
    ],
    skipDuplicates: true,
  });
  const row = await context.db.conversation.findUnique({ where: { id: request.conversationId } });
  if (row?.sessionId !== sessionId) throw new AppError("conflict", "This conversation id is taken.");
  const conversation = presentConversation(row);
  if (count > 0) context.broadcast.toSession("chat.conversation-changed", sessionId, { conversation });
  return conversation;
}

export async function renameConversation(
  chat: Chat,
  sessionId: string,
  conversationId: string,
  title: string,
): Promise<Conversation> {
  await chat.context.db.conversation.updateMany({
    where: { id: conversationId, sessionId },
    data: { title: storableText(title) },
  });
  const row = await getConversationRow(chat, sessionId, conversationId);
  const conversation = presentConversation(row);
  chat.context.broadcast.toSession("chat.conversation-changed", sessionId, { conversation });
  return conversation;
}

/** Stored entries after `after` and those still on their way to the database, in order, at most `limit`. */
export async function entriesAfter(
  { context, recorder }: Chat,
  sessionId: string,
  conversationId: string,
  after: number,
  limit = pageSize,
): Promise<{ entries: JournalEntry[]; more: boolean }> {
  // Before the look at the database: what is stored in between is then in one of the two, never in neither.
  const recent = recorder.recentAfter(sessionId, conversationId, after);
  const page = await pageAfter(context.db, conversationId, after, limit);
  const entries = page.rows.map(presentEntry);
  if (page.more) return { entries, more: true };
  appendRecent(entries, recent, after);
  return { entries: entries.slice(0, limit), more: entries.length > limit };
}

/** Adds what follows without a gap; the client asks again for the rest. */
function appendRecent(entries: JournalEntry[], recent: readonly JournalEntry[], after: number): void {
  for (const entry of recent) {
    const last = entries.at(-1)?.seq ?? after;
    if (entry.seq === last + 1) entries.push(entry);
  }
}

async function tail(chat: Chat, sessionId: string, conversationId: string): Promise<JournalEntry[]> {
  const recent = chat.recorder.recentAfter(sessionId, conversationId, 0);
  const rows = await pageBefore(chat.context.db, conversationId, null, tailSize);
  const entries = rows.map(presentEntry);
  appendRecent(entries, recent, 0);
  return entries.slice(-tailSize);
}

/** Where a conversation stands. The caller has already joined its live events, so that nothing falls between. */
export async function snapshot(
  chat: Chat,
  sessionId: string,
  request: { conversationId: string; after: number | null },
): Promise<Reply<"chat.subscribe">> {
  const { conversationId, after } = request;
  const page =
    after === null
      ? { entries: await tail(chat, sessionId, conversationId), more: false }
      : await entriesAfter(chat, sessionId, conversationId, after);
  const { partials, queue = null } = await present(chat, sessionId, conversationId);
  // Last: it must not be older than a change that was announced meanwhile.
  const row = await getConversationRow(chat, sessionId, conversationId);
  return { conversation: presentConversation(row), ...page, partials, queue };
}

/** What only the agent knows: what is being written at this moment, and what waits. */
async function present(
  { context }: Chat,
  sessionId: string,
  conversationId: string,
): Promise<Reply<"chat.partials">> {
  if (context.agents.info(sessionId) === null) return { partials: [] };
  const options = { timeoutMs: partialsTimeoutMs };
  // Without it the page shows the message only when it is finished, and of the queue what it has entries of.
  return context.agents
    .request(sessionId, "chat.partials", { conversationId }, options)
    .catch(() => ({ partials: [] }));
}

export async function history(
  chat: Chat,
  sessionId: string,
  request: { conversationId: string; before: number; limit: number },
): Promise<JournalEntry[]> {
  await assertConversation(chat, sessionId, request.conversationId);
  const rows = await pageBefore(chat.context.db, request.conversationId, request.before, request.limit);
  return rows.map(presentEntry);
}
