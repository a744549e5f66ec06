import type { Handlers } from "@remote-claude/protocol";
import type { AgentContext, AgentServices } from "../context.ts";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import { contextUsageOf } from "./context-usage.ts";
import type { Conversations } from "./conversations.ts";
import { McpServers } from "./mcp-servers.ts";
import { McpSignIns } from "./mcp-sign-ins.ts";
import { readSetup } from "./setup.ts";
import { UserFiles } from "./user-files.ts";

export type ClaudeHandlers = Pick<
  Handlers<"agent", AgentContext>,
  Extract<keyof Handlers<"agent", AgentContext>, `claude.${string}`>
>;

/** Claude Code itself rather than what is said to it: everything `claude.*` that is sent to the agent. */
export function createClaude(
  services: AgentServices,
  root: WorkspaceRoot,
  conversations: Conversations,
): { handlers: ClaudeHandlers } {
  const servers = new McpServers(services, conversations);
  const signIns = new McpSignIns(conversations);
  const userFiles = new UserFiles(services.config.home);
  const renewed = <T>(reply: T): T => {
    conversations.renew();
    return reply;
  };
  return {
    handlers: {
      "claude.context": async ({ conversationId }) =>
        contextUsageOf(
          await conversations.ask(conversationId, "what fills its context", (query) =>
            query.getContextUsage({ detail: "summary" }),
          ),
        ),
      "claude.servers": async ({ conversationId }) => ({ servers: await servers.list(conversationId) }),
      "claude.add-server": (request) => servers.add(request),
      "claude.remove-server": (request) => servers.remove(request),
      "claude.switch-server": (request) => servers.switch(request),
      "claude.reconnect-server": (request) => servers.reconnect(request),
      "claude.begin-sign-in": (request) => signIns.begin(request),
      "claude.finish-sign-in": (request) => signIns.finish(request),
      "claude.setup": ({ conversationId }) => readSetup(conversations, root, userFiles, conversationId),
      "claude.read-file": (request) => userFiles.read(request),
      "claude.write-file": async (request) => renewed(await userFiles.write(request)),
      "claude.delete-file": async (request) => renewed(await userFiles.delete(request)),
      "claude.choose-style": async ({ conversationId, name }) => {
        await conversations.ask(conversationId, "that it takes this style", (query) =>
          query.updateSettings("localSettings", { outputStyle: name }),
        );
        return renewed({});
      },
      "claude.reload": () => renewed({}),
    },
  };
}
