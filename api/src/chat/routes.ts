import {
  type ChatDelta,
  chatWithClaude,
  claudeHistory,
  listConversations as listConversationsRoute,
} from "@remote-claude/protocol";
import type { Response } from "express";
import { implement, sent } from "../http/implement.ts";
import { whileAllowed } from "../sessions/index.ts";
import { followTurn, hearDeltas, type TurnListener } from "./follow-turn.ts";
import { sendPrompt } from "./send-prompt.ts";
import { assertConversation, type Chat, entriesAfter, listConversations } from "./service.ts";
import type { TurnRequest } from "./turn-reader.ts";

const keepAliveMs = 15_000;
/** A client that leaves so much unread does not read: its stream ends, the turn goes on. */
const maxUnreadBytes = 32 * 1024 * 1024;

/** Streams a turn as server-sent events; `early` gives the deltas that came before it could be followed. */
async function streamTurn(
  chat: Chat,
  turn: TurnRequest,
  early: () => ChatDelta[],
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
  });
  response.flushHeaders();
  const say = (event: string, data: unknown) => {
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (response.writableLength > maxUnreadBytes) response.destroy();
  };
  const keepAlive = setInterval(() => response.write(": still here\n\n"), keepAliveMs);
  const listener: TurnListener = {
    entry: (entry) => say("entry", entry),
    delta: (delta) => say("delta", delta),
  };
  try {
    // Following begins at once, within the call: no delta comes between the two.
    const following = followTurn(chat, turn, listener, signal);
    for (const delta of early()) say("delta", delta);
    say("result", await following);
    response.end();
  } finally {
    clearInterval(keepAlive);
  }
}

/** REST routes of conversations. */
export function chatRoutes(chat: Chat) {
  return {
    chatWithClaude: implement(
      chatWithClaude,
      async ({ params, body, principal, request, response, signal }) => {
        const { sessionId } = params;
        const actor = { id: principal.id, name: principal.name };
        const { conversationId } = body;
        const streams = request.accepts(["json", "text/event-stream"]) === "text/event-stream";
        let early = (): ChatDelta[] => [];
        try {
          const turn = await sendPrompt(chat, {
            sessionId,
            conversationId,
            text: body.message,
            actor,
            auditActor: principal,
            onBeforeSend(conversation) {
              if (streams) early = hearDeltas(chat, conversation);
            },
          });
          // Let in once is not let in for good: a turn may take hours.
          const act = { principal, sessionId, needs: chatWithClaude.needs };
          return await whileAllowed(chat.context, act, signal, async (allowed) => {
            if (!streams) return followTurn(chat, turn, {}, allowed);
            await streamTurn(chat, turn, early, response, allowed);
            return sent;
          });
        } catch (error) {
          // Nobody is there to be told; the turn goes on.
          if (!signal.aborted) throw error;
        } finally {
          early();
        }
        return sent;
      },
    ),

    claudeHistory: implement(claudeHistory, async ({ params, query }) => {
      const { sessionId } = params;
      const conversationId =
        query.conversationId ?? (await listConversations(chat, sessionId))[0]?.conversationId;
      if (conversationId === undefined) return { conversationId: null, entries: [], more: false };
      await assertConversation(chat, sessionId, conversationId);
      return {
        conversationId,
        ...(await entriesAfter(chat, sessionId, conversationId, query.after, query.limit)),
      };
    }),

    listConversations: implement(listConversationsRoute, async ({ params }) => ({
      conversations: await listConversations(chat, params.sessionId),
    })),
  };
}
