import { live } from "../../lib/live.ts";
import { newId } from "../../lib/new-id.ts";
import { useWorkbench } from "../store.ts";

/** The conversation that the Claude pane shows, with its title; where it was not opened yet, the newest one. */
export async function findConversation(
  sessionId: string,
): Promise<{ conversationId: string; title: string | null } | null> {
  const { conversations } = await live.command("chat.list", sessionId, {}, { offline: "fail" });
  const shown = useWorkbench.getState().conversation;
  const found = conversations.find(({ conversationId }) => conversationId === shown);
  if (found !== undefined) return found;
  if (shown !== null) return { conversationId: shown, title: null };
  return conversations[0] ?? null;
}

/** The same, made if there is none. */
export async function ensureConversation(sessionId: string): Promise<string> {
  const found = await findConversation(sessionId);
  const conversationId = found?.conversationId ?? newId();
  await live.command("chat.create", sessionId, { conversationId });
  return conversationId;
}
