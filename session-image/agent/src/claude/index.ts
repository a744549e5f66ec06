import type { Query } from "@anthropic-ai/claude-agent-sdk";
import type { Handlers } from "@remote-claude/protocol";
import type { AgentContext } from "../context.ts";
import { contextUsageOf } from "./context-usage.ts";

export type ClaudeHandlers = Pick<
  Handlers<"agent", AgentContext>,
  Extract<keyof Handlers<"agent", AgentContext>, `claude.${string}`>
>;

/** What this area needs of the conversations. */
export interface Conversations {
  /** Asks the Claude Code of a conversation, started if need be; of one that has not begun: a spare. */
  ask<T>(conversationId: string, what: string, ask: (query: Query) => Promise<T>): Promise<T>;
}

/** Claude Code itself rather than what is said to it: everything `claude.*` that is sent to the agent. */
export function createClaude(conversations: Conversations): { handlers: ClaudeHandlers } {
  return {
    handlers: {
      "claude.context": async ({ conversationId }) =>
        contextUsageOf(
          await conversations.ask(conversationId, "what fills its context", (query) =>
            query.getContextUsage({ detail: "summary" }),
          ),
        ),
    },
  };
}
