import type { Query } from "@anthropic-ai/claude-agent-sdk";
import { AppError, type Payload } from "@remote-claude/protocol";
import * as z from "zod";
import type { Conversations } from "./conversations.ts";
import { unknownServer } from "./mcp-status.ts";

/** What the Query of the Agent SDK (0.3.329) can do besides what its types say: the `/mcp` dialog of other hosts. */
interface SignsIn {
  mcpAuthenticate(name: string): Promise<unknown>;
  mcpSubmitOAuthCallbackUrl(name: string, callbackUrl: string): Promise<unknown>;
}

const Begun = z.object({ authUrl: z.optional(z.string()) });
const longestReason = 300;

/**
 * Signs Claude Code in to MCP servers. It listens for the browser's return on the session's own loopback, where no
 * browser comes: the person brings the address back by hand. The tokens are Claude Code's, kept in the session's home.
 */
export class McpSignIns {
  readonly #conversations: Conversations;

  constructor(conversations: Conversations) {
    this.#conversations = conversations;
  }

  async begin({ conversationId, name }: Payload<"claude.begin-sign-in">): Promise<{ url: string | null }> {
    const begun = await this.#ask(conversationId, name, (query) => query.mcpAuthenticate(name));
    return { url: Begun.parse(begun).authUrl ?? null };
  }

  async finish({
    conversationId,
    name,
    address,
  }: Payload<"claude.finish-sign-in">): Promise<Record<string, never>> {
    await this.#ask(conversationId, name, async (query) => {
      await query.mcpSubmitOAuthCallbackUrl(name, address);
      // With its tokens; how that went is in the list of servers.
      await query.reconnectMcpServer(name).catch(() => undefined);
    });
    // The tokens are the session's: every other conversation has the server, too.
    this.#conversations.renew({ but: conversationId });
    return {};
  }

  #ask(
    conversationId: string,
    name: string,
    ask: (query: Query & SignsIn) => Promise<unknown>,
  ): Promise<unknown> {
    return this.#conversations.ask(conversationId, `whether ${name} is signed in`, (query) => {
      if (!signsIn(query)) throw new AppError("unavailable", "this Claude Code cannot sign in to servers");
      return ask(query).catch((error: unknown) => {
        throw (
          unknownServer(name, error) ??
          refusalOf(name, error instanceof Error ? error.message : String(error))
        );
      });
    });
  }
}

const signsIn = (query: Query): query is Query & SignsIn =>
  "mcpAuthenticate" in query && "mcpSubmitOAuthCallbackUrl" in query;

function refusalOf(name: string, reason: string): AppError {
  if (/no (active )?oauth flow/i.test(reason))
    return new AppError("conflict", "this sign-in is no longer under way: begin it again");
  // It quotes neither tokens nor codes; what a server says of itself may be long.
  return new AppError("bad_request", `${name} did not sign Claude in: ${reason.slice(0, longestReason)}`);
}
