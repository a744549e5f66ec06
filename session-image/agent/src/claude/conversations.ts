import type { Query } from "@anthropic-ai/claude-agent-sdk";

/** What this area needs of the conversations. */
export interface Conversations {
  /** Asks the Claude Code of a conversation, started if need be; of one that has not begun: a spare. */
  ask<T>(conversationId: string, what: string, ask: (query: Query) => Promise<T>): Promise<T>;
  /**
   * Has every Claude Code read its files anew: those at rest at once, those at work before their next turn. That of the
   * conversation `but` knows already.
   */
  renew(options?: { readonly but?: string }): void;
}
