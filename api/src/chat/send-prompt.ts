import { newId } from "@remote-claude/prisma";
import { type Actor, AppError } from "@remote-claude/protocol";
import { beginAsked } from "../acts/index.ts";
import type { AuditActor } from "../audit/index.ts";
import { ensureModelAllowed } from "./models.ts";
import { type Chat, createConversation, getConversationRow } from "./service.ts";
import type { TurnRequest } from "./turn-reader.ts";

interface PromptRequest {
  sessionId: string;
  conversationId?: string | undefined;
  messageId?: string;
  text: string;
  actor: Actor;
  /** Who asked, for the audit; null when that is on record already. */
  auditActor: AuditActor | null;
  /** Called before the prompt goes out: whoever listens from here on misses nothing of its turn. */
  onBeforeSend?: (turn: { sessionId: string; conversationId: string }) => void;
}

/** Sends a prompt, into a new conversation if none is named, and says which turn to follow. */
export async function sendPrompt(chat: Chat, request: PromptRequest): Promise<TurnRequest> {
  const { sessionId, actor } = request;
  const messageId = request.messageId ?? newId();
  const conversationId = request.conversationId ?? newId();
  if (chat.context.agents.info(sessionId) === null) {
    throw new AppError("session_not_ready", "The session is not running, or its agent is just starting.");
  }
  if (request.conversationId === undefined) {
    await createConversation(chat, sessionId, { conversationId, createdById: actor.id });
  }
  await ensureModelAllowed(chat, sessionId, await getConversationRow(chat, sessionId, conversationId));
  const { context } = chat;
  const details = { conversationId, messageId, text: request.text };
  const act =
    request.auditActor === null
      ? null
      : await beginAsked(context, {
          action: "claude.prompted",
          actor: request.auditActor,
          sessionId,
          details,
        });
  request.onBeforeSend?.({ sessionId, conversationId });
  try {
    const { seq } = await context.agents.request(sessionId, "chat.send", details, {
      actor,
      ...(act !== null && { act: act.id }),
    });
    void act?.done().catch(() => {});
    return { sessionId, conversationId, messageId, afterSeq: seq - 1 };
  } catch (error) {
    await act?.failed(error);
    throw error;
  }
}
