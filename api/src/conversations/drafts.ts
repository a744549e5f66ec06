import type { Prisma } from "@remote-claude/prisma";
import type { ConversationDraft } from "@remote-claude/protocol";
import type { Context, Principal } from "../context.ts";
import { storableJson, storableText } from "../lib/storable.ts";

/** Of one person in one session; older ones are forgotten. */
const maxDrafts = 100;
/** Of one answer, in characters. */
const maxLength = 1_000_000;

/** Keeps what somebody has written and not sent; the last that comes counts, and nothing written is nothing kept. */
export async function saveDraft(
  context: Context,
  { id: userId }: Pick<Principal, "id">,
  sessionId: string,
  draft: Omit<ConversationDraft, "updatedAt">,
): Promise<void> {
  const { conversationId, text, attachments } = draft;
  const place = { userId, sessionId, conversationId };
  if (text === "" && attachments.length === 0) {
    await context.db.conversationDraft.deleteMany({ where: place });
    return;
  }
  const written = {
    text: storableText(text),
    attachments: storableJson(attachments) as Prisma.InputJsonValue,
    updatedAt: context.clock.now(),
  };
  await context.db.conversationDraft.upsert({
    where: { userId_sessionId_conversationId: place },
    create: { ...place, ...written },
    update: written,
  });
  await context.db.$executeRaw`
    delete from conversation_drafts
    where user_id = ${userId}::uuid and session_id = ${sessionId}::uuid and conversation_id in (
      select conversation_id from conversation_drafts
      where user_id = ${userId}::uuid and session_id = ${sessionId}::uuid
      order by updated_at desc, conversation_id offset ${maxDrafts})`;
}

/** This person's own, the newest first. */
export async function listDrafts(
  context: Context,
  { id: userId }: Pick<Principal, "id">,
  sessionId: string,
  conversationId?: string,
): Promise<ConversationDraft[]> {
  const rows = await context.db.conversationDraft.findMany({
    where: { userId, sessionId, ...(conversationId === undefined ? {} : { conversationId }) },
    orderBy: { updatedAt: "desc" },
    take: maxDrafts,
  });
  let room = maxLength;
  const fitting = rows.filter(({ text }) => {
    room -= text.length;
    return room >= 0;
  });
  return fitting.map(({ conversationId, text, attachments, updatedAt }) => ({
    conversationId,
    text,
    attachments: attachments as ConversationDraft["attachments"],
    updatedAt: updatedAt.toISOString(),
  }));
}
