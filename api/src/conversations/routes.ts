import { Readable } from "node:stream";
import { exportConversation, searchConversations } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { type Chat, getConversation } from "../chat/index.ts";
import { implement, sent } from "../http/implement.ts";
import { describeDownload, sendBody } from "../http/send-body.ts";
import { asJson, asMarkdown } from "./export.ts";
import { search } from "./search.ts";

export function conversationRoutes(chat: Chat) {
  return {
    searchConversations: implement(searchConversations, ({ context, principal, query }) =>
      search(context, principal, query),
    ),

    exportConversation: implement(
      exportConversation,
      async ({ context, principal, params, query, response }): Promise<typeof sent> => {
        const { sessionId, conversationId } = params;
        const conversation = await getConversation(chat, sessionId, conversationId);
        const details = { conversationId, format: query.format };
        await record(context.db, { action: "claude.exported", actor: principal, sessionId, details });
        describeDownload(
          response,
          `${fileName(conversation.title)}.${query.format === "json" ? "json" : "md"}`,
        );
        const write = query.format === "json" ? asJson : asMarkdown;
        await sendBody(response, Readable.from(write(chat, conversation)));
        return sent;
      },
    ),
  };
}

/** The title as a name that every file system takes. */
function fileName(title: string | null): string {
  const name = (title ?? "")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 80);
  return name === "" ? "conversation" : name;
}
