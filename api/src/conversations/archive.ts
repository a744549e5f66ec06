import { AppError, type Conversation } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { assertConversation, type Chat, presentConversation } from "../chat/index.ts";
import type { Principal } from "../context.ts";

/** Puts a conversation away, or takes it out again. Doing it twice does nothing more. */
export async function archiveConversation(
  chat: Chat,
  principal: Principal,
  sessionId: string,
  { conversationId, archived }: { conversationId: string; archived: boolean },
): Promise<Conversation> {
  const { context } = chat;
  await assertConversation(chat, sessionId, conversationId);
  const { row, changed } = await context.db.$transaction(async (transaction) => {
    const { count } = await transaction.conversation.updateMany({
      where: {
        id: conversationId,
        archivedAt: archived ? null : { not: null },
        ...(archived ? { state: "idle" } : {}),
      },
      data: { archivedAt: archived ? context.clock.now() : null },
    });
    if (count > 0) {
      const action = archived ? "claude.archived" : "claude.unarchived";
      await record(transaction, { action, actor: principal, sessionId, details: { conversationId } });
    }
    const found = await transaction.conversation.findUniqueOrThrow({ where: { id: conversationId } });
    return { row: found, changed: count > 0 };
  });
  if (archived && row.archivedAt === null)
    throw new AppError("conflict", "Claude is at work in this conversation: stop it, or wait for it, first.");
  const conversation = presentConversation(row);
  if (changed) context.broadcast.toSession("chat.conversation-changed", sessionId, { conversation });
  return conversation;
}
