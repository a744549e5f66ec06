import type { CommandTo, Handlers, Payload } from "@remote-claude/protocol";
import type { Principal } from "../context.ts";
import { assertModelAllowed, ensureModelAllowed, offeredModels } from "./models.ts";
import { assertMode } from "./modes.ts";
import {
  assertConversation,
  type Chat,
  createConversation,
  getConversationRow,
  history,
  listConversations,
  renameConversation,
  snapshot,
} from "./service.ts";

/** What a chat command needs of the one who sent it. */
export interface ChatCommandContext {
  readonly principal: Principal;
  readonly sessionId: string;
  /** Lets this client hear the conversation's live events, or no longer. */
  hear(conversationId: string): void;
  ignore(conversationId: string): void;
}

type ChatHandlers = Pick<
  Handlers<"api", ChatCommandContext>,
  Extract<keyof Handlers<"api", ChatCommandContext>, `chat.${string}`>
>;

/** The commands of conversations that the api answers itself. */
export function chatCommands(chat: Chat): ChatHandlers {
  return {
    "chat.list": async ({ archived }, { sessionId }) => ({
      conversations: await listConversations(chat, sessionId, archived),
    }),
    "chat.create": async ({ conversationId, title }, { sessionId, principal }) => {
      const request = { conversationId, title, createdById: principal.id };
      return { conversation: await createConversation(chat, sessionId, request) };
    },
    "chat.rename": async ({ conversationId, title }, { sessionId }) => ({
      conversation: await renameConversation(chat, sessionId, conversationId, title),
    }),
    "chat.subscribe": async (payload, { sessionId, hear }) => {
      await assertConversation(chat, sessionId, payload.conversationId);
      // Joins before it looks: whatever happens in between is heard live.
      hear(payload.conversationId);
      return snapshot(chat, sessionId, payload);
    },
    "chat.unsubscribe": ({ conversationId }, { ignore }) => {
      ignore(conversationId);
      return {};
    },
    "chat.models": (_, { sessionId }) => offeredModels(chat, sessionId),
    "chat.history": async (payload, { sessionId }) => ({ entries: await history(chat, sessionId, payload) }),
  };
}

/**
 * What must be true before a chat command is relayed to the agent: the conversation is this session's, and a mode one
 * of its template's.
 */
export function chatRelayChecks(chat: Chat) {
  const ownConversation = (sessionId: string, { conversationId }: { conversationId: string }) =>
    assertConversation(chat, sessionId, conversationId);
  return {
    "chat.send": async (sessionId, { conversationId }) =>
      ensureModelAllowed(chat, sessionId, await getConversationRow(chat, sessionId, conversationId)),
    "chat.answer": async (sessionId, payload, principal) => {
      await ownConversation(sessionId, payload);
      await assertMode(chat.context, principal, sessionId, payload.mode);
    },
    "chat.configure": async (sessionId, payload, principal) => {
      await ownConversation(sessionId, payload);
      await assertModelAllowed(chat, sessionId, payload.model);
      await assertMode(chat.context, principal, sessionId, payload.permissionMode);
    },
    "chat.edit-queued": ownConversation,
    "chat.move-queued": ownConversation,
    "chat.release-queue": ownConversation,
    "chat.remove-queued": ownConversation,
    "chat.interrupt": ownConversation,
  } satisfies {
    [Type in CommandTo<"agent">]?: (
      sessionId: string,
      payload: Payload<Type>,
      principal: Principal,
    ) => Promise<void>;
  };
}
