import type { Handlers } from "@remote-claude/protocol";
import { assertConversation, type Chat } from "../chat/index.ts";
import type { Principal } from "../context.ts";
import { archiveConversation } from "./archive.ts";
import { listDrafts, saveDraft } from "./drafts.ts";
import { forkConversation } from "./fork.ts";

interface ConversationCommandContext {
  readonly principal: Principal;
  readonly sessionId: string;
}

type ConversationHandlers = Pick<
  Handlers<"api", ConversationCommandContext>,
  Extract<keyof Handlers<"api", ConversationCommandContext>, `conversation.${string}`>
>;

/** The commands of going back and finding that the api answers itself. */
export function conversationCommands(chat: Chat): ConversationHandlers {
  return {
    "conversation.fork": async (payload, { principal, sessionId }) => ({
      conversation: await forkConversation(chat, principal, sessionId, payload),
    }),
    "conversation.archive": async (payload, { principal, sessionId }) => ({
      conversation: await archiveConversation(chat, principal, sessionId, payload),
    }),
    "conversation.save-draft": async (payload, { principal, sessionId }) => {
      await saveDraft(chat.context, principal, sessionId, payload);
      return {};
    },
    "conversation.drafts": async ({ conversationId }, { principal, sessionId }) => ({
      drafts: await listDrafts(chat.context, principal, sessionId, conversationId),
    }),
  };
}

/** What must be true before such a command is relayed to the agent: the conversation is this session's. */
export function conversationRelayChecks(chat: Chat) {
  const ownConversation = (sessionId: string, { conversationId }: { conversationId: string }) =>
    assertConversation(chat, sessionId, conversationId);
  return {
    "conversation.preview-rewind": ownConversation,
    "conversation.rewind": ownConversation,
  };
}
