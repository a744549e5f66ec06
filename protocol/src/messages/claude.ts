import * as z from "zod";
import { Id } from "../ids.ts";
import { ETag } from "./file.ts";
import { command } from "./message.ts";

/** What fills a conversation's context window. */
export const ContextUsage = z.object({
  model: z.string(),
  usedTokens: z.int().nonnegative(),
  windowTokens: z.int().nonnegative(),
  /** Claude Code shortens the conversation by itself from here on; null: it does not. */
  compactsAtTokens: z.int().nonnegative().nullable(),
  parts: z.array(
    z.object({
      name: z.string(),
      tokens: z.int().nonnegative(),
      /** `deferred`: definitions of tools that are loaded when they are needed, outside the window. */
      kind: z.enum(["used", "free", "buffer", "deferred"]),
    }),
  ),
  /** CLAUDE.md and what it brings along. */
  memoryFiles: z.array(z.object({ path: z.string(), tokens: z.int().nonnegative() })),
});
export type ContextUsage = z.infer<typeof ContextUsage>;

export const claudeContext = command("claude.context", {
  to: "agent",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({ conversationId: Id }),
  reply: ContextUsage,
});

/** Where a server or a file of Claude's is kept: with the project, for all who work on it, or with the session's home. */
export const ClaudeScope = z.enum(["project", "user"]);
export type ClaudeScope = z.infer<typeof ClaudeScope>;

export const McpServerName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "a name is letters, digits, - and _, at most 64");

const Values = z.record(z.string().min(1).max(200), z.string().max(10_000));

/** How a server is reached. What `env` and `headers` hold is never said again to anybody. */
export const McpServerConfig = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("stdio"),
    command: z.string().trim().min(1).max(4096),
    args: z.array(z.string().max(4096)).max(100),
    env: Values,
  }),
  z.strictObject({
    type: z.enum(["http", "sse"]),
    url: z.url({ protocol: /^https?$/, error: "an address that begins with http:// or https://" }).max(2000),
    headers: Values,
  }),
]);
export type McpServerConfig = z.infer<typeof McpServerConfig>;

export const McpServer = z.object({
  name: z.string(),
  /** null: neither project's nor user's, such as a plugin's; it cannot be removed here. */
  scope: ClaudeScope.nullable(),
  transport: z.enum(["stdio", "http", "sse", "other"]),
  /** The command or the address, without what may be secret. */
  target: z.string(),
  status: z.enum(["connected", "failed", "needs-auth", "pending", "disabled"]),
  /** Why it failed; names the host where the network's policy refused it. */
  error: z.string().nullable(),
  version: z.string().nullable(),
  tools: z.array(z.object({ name: z.string(), description: z.string() })),
});
export type McpServer = z.infer<typeof McpServer>;

/** The MCP servers of a conversation's Claude Code, as they stand. */
export const claudeServers = command("claude.servers", {
  to: "agent",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({ conversationId: Id }),
  reply: z.object({ servers: z.array(McpServer) }),
});

/** `conflict` where the name is taken. Every Claude Code of the session knows it from its next turn on. */
export const claudeAddServer = command("claude.add-server", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ scope: ClaudeScope, name: McpServerName, config: McpServerConfig }),
  reply: z.object({}),
  audit: { action: "claude.server-added", details: ["scope", "name"] },
});

export const claudeRemoveServer = command("claude.remove-server", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ scope: ClaudeScope, name: z.string().min(1).max(200) }),
  reply: z.object({}),
  audit: { action: "claude.server-removed", details: ["scope", "name"] },
});

/** Switches a server on or off for this project; it stays configured. */
export const claudeSwitchServer = command("claude.switch-server", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ conversationId: Id, name: z.string().min(1).max(200), enabled: z.boolean() }),
  reply: z.object({}),
  audit: { action: "claude.server-switched", details: ["name", "enabled"] },
});

export const claudeReconnectServer = command("claude.reconnect-server", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ conversationId: Id, name: z.string().min(1).max(200) }),
  reply: z.object({}),
});

/**
 * Begins the sign-in that a server wants (OAuth). `url`: where a person signs in; null: none was wanted after all.
 * It is for whom the page belongs to, and it comes from the session: a page shows its host before anybody goes there.
 */
export const claudeBeginSignIn = command("claude.begin-sign-in", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ conversationId: Id, name: z.string().min(1).max(200) }),
  reply: z.object({
    url: z
      .url({ protocol: /^https?$/ })
      .max(8000)
      .nullable(),
  }),
});

/**
 * Ends it with the address that the browser was led to at last, which holds the server's answer. That address is on
 * the session's own machine, so the browser shows nothing there, and the person brings it back.
 */
export const claudeFinishSignIn = command("claude.finish-sign-in", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({
    conversationId: Id,
    name: z.string().min(1).max(200),
    address: z.url({ protocol: /^https?$/, error: "a whole address, as the browser shows it" }).max(8000),
  }),
  reply: z.object({}),
  audit: { action: "claude.server-signed-in", details: ["name"] },
});

export const SetupKind = z.enum(["memory", "agent", "skill", "command", "output-style", "settings"]);
export type SetupKind = z.infer<typeof SetupKind>;

/**
 * A file of the home's ~/.claude that may be read and written here: those that people write for Claude, and no
 * other (credentials, transcripts and Claude Code's own state are there, too).
 */
export const UserSetupPath = z
  .string()
  .max(300)
  .regex(
    /^(CLAUDE\.md|settings\.json|(agents|commands|output-styles)\/([\w-][\w.-]*\/){0,3}[\w-][\w.-]*\.md|skills\/[\w-][\w.-]*\/SKILL\.md)$/,
    "not one of the files that people write for Claude",
  );
export type UserSetupPath = z.infer<typeof UserSetupPath>;

/** A file that tells Claude what to be like, what to know or what it can call upon. */
export const SetupFile = z.object({
  kind: SetupKind,
  scope: ClaudeScope,
  /** Of the project: in the workspace. Of the user: below ~/.claude. */
  path: z.string(),
  /** As Claude Code calls it. */
  name: z.string(),
  description: z.string(),
});
export type SetupFile = z.infer<typeof SetupFile>;

/** All that shapes this session's Claude: its files, and what Claude Code itself says it has. */
export const claudeSetup = command("claude.setup", {
  to: "agent",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({ conversationId: Id }),
  reply: z.object({
    /** At most 200 of each kind. */
    files: z.array(SetupFile),
    /** Subagents that Claude Code can call upon, its own among them. */
    agents: z.array(z.object({ name: z.string(), description: z.string() })),
    outputStyles: z.object({ current: z.string(), available: z.array(z.string()) }),
    hooks: z.array(
      z.object({
        event: z.string(),
        /** For which tools or occasions; "" for all. */
        matcher: z.string(),
        /** Where it is written, in Claude Code's words. */
        source: z.string(),
        /** What runs; null for hooks of the user's own settings, which not everybody may read. */
        runs: z.string().nullable(),
      }),
    ),
  }),
});

/** A file of ~/.claude. Not for viewers: settings may hold secrets. */
export const claudeReadFile = command("claude.read-file", {
  to: "agent",
  needs: "session.use",
  scope: "claude:read",
  payload: z.object({ path: UserSetupPath }),
  reply: z.object({ content: z.string(), etag: ETag }),
});

const maxSetupFile = 200_000;

/** With `ifMatch: null` it must not be there yet. Every Claude Code of the session goes by it from its next turn on. */
export const claudeWriteFile = command("claude.write-file", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({
    path: UserSetupPath,
    content: z.string().max(maxSetupFile),
    ifMatch: ETag.nullable(),
  }),
  reply: z.object({ etag: ETag }),
  audit: { action: "claude.setup-changed", details: ["path"] },
});

export const claudeDeleteFile = command("claude.delete-file", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ path: UserSetupPath, ifMatch: ETag }),
  reply: z.object({}),
  audit: { action: "claude.setup-changed", details: ["path"] },
});

/** Kept in the project's own settings (.claude/settings.local.json). */
export const claudeChooseStyle = command("claude.choose-style", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ conversationId: Id, name: z.string().min(1).max(200) }),
  reply: z.object({}),
  audit: { action: "claude.setup-changed", details: ["name"] },
});

/** What was edited counts: every Claude Code of the session reads its files anew before its next turn. */
export const claudeReload = command("claude.reload", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({}),
  reply: z.object({}),
});
