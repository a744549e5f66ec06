import { presentConversation } from "./present.ts";
import type { Chat } from "./service.ts";

/**
 * Tells those who watch when a conversation's state, title or cost has changed, and the caller which sessions
 * changed with it. Returns the unsubscribe.
 */
export function announceChanges(chat: Chat, onSessionChanged: (sessionId: string) => void): () => void {
  const { context, recorder } = chat;
  return recorder.onStored((sessionId, changes) => {
    const visible = [...changes].filter(
      ([, change]) => change.state ?? change.title ?? change.permissionMode ?? change.steering,
    );
    if (visible.length === 0) return;
    const ids = visible.map(([conversationId]) => conversationId);
    context.db.conversation
      .findMany({ where: { id: { in: ids } } })
      .then((rows) => {
        for (const row of rows) {
          const conversation = presentConversation(row);
          context.broadcast.toSession("chat.conversation-changed", sessionId, { conversation });
        }
        onSessionChanged(sessionId);
      })
      .catch((error: unknown) =>
        context.log.warn({ err: error, sessionId }, "conversation change not announced"),
      );
  });
}
