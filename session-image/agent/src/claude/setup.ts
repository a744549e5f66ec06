import type { Query } from "@anthropic-ai/claude-agent-sdk";
import type { Reply } from "@remote-claude/protocol";
import * as z from "zod";
import type { WorkspaceRoot } from "../files/workspace-root.ts";
import type { Conversations } from "./conversations.ts";
import { listSetupFiles } from "./setup-files.ts";
import type { UserFiles } from "./user-files.ts";

const maxReported = 300;

/** What `getHooksListing` answers; the SDK has the method and does not type it. */
const HooksListing = z.object({
  hooks: z.array(
    z.object({
      event: z.string(),
      matcher: z.string(),
      source: z.string(),
      sourceLabel: z.string(),
      commandText: z.string(),
    }),
  ),
});

/** All that shapes the session's Claude. What Claude Code does not say in time is left out; the files are there. */
export async function readSetup(
  conversations: Conversations,
  project: WorkspaceRoot,
  user: UserFiles,
  conversationId: string,
): Promise<Reply<"claude.setup">> {
  const [projectFiles, userFiles, reported] = await Promise.all([
    listSetupFiles(project, "project", ".claude"),
    listSetupFiles(user.root(), "user", ""),
    conversations.ask(conversationId, "what it is set up with", askSetup).catch(() => nothingReported),
  ]);
  return { files: [...projectFiles, ...userFiles], ...reported };
}

type Reported = Omit<Reply<"claude.setup">, "files">;
const nothingReported: Reported = {
  agents: [],
  outputStyles: { current: "default", available: [] },
  hooks: [],
};

async function askSetup(query: Query): Promise<Reported> {
  const [agents, start, styles, hooks] = await Promise.all([
    query.supportedAgents(),
    query.initializationResult(),
    query.reloadOutputStyles(),
    askHooks(query),
  ]);
  return {
    agents: agents.slice(0, maxReported).map(({ name, description }) => ({
      name: name.slice(0, 200),
      description: description.slice(0, 1000),
    })),
    outputStyles: {
      current: start.output_style.slice(0, 200),
      available: styles.available_output_styles.slice(0, maxReported).map((name) => name.slice(0, 200)),
    },
    hooks,
  };
}

async function askHooks(query: Query): Promise<Reported["hooks"]> {
  const { getHooksListing } = query as { getHooksListing?: () => Promise<unknown> };
  const listing = HooksListing.safeParse(await getHooksListing?.call(query).catch(() => undefined));
  if (!listing.success) return [];
  // The agent's own hooks, by which changes are told apart, are none that somebody wrote.
  return listing.data.hooks
    .filter(({ source }) => source !== "sessionHook" && source !== "sdkHook")
    .slice(0, maxReported)
    .map(({ event, matcher, source, sourceLabel, commandText }) => ({
      event: event.slice(0, 100),
      matcher: matcher.slice(0, 500),
      source: sourceLabel.slice(0, 300),
      runs: source === "userSettings" ? null : commandText.slice(0, 2000),
    }));
}
