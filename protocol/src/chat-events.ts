import * as z from "zod";
import { Actor, Id, Time, WorkspacePath } from "./ids.ts";
import { RuleScope, RuleText } from "./permission-rules.ts";
import { Steering } from "./steering.ts";

export const PermissionMode = z.enum(["default", "acceptEdits", "plan", "auto", "bypassPermissions"]);
export type PermissionMode = z.infer<typeof PermissionMode>;

/** Why a turn failed: a closed list; the pane says what happened and what to do for each. */
export const TurnFailure = z.enum([
  "key-missing",
  "key-rejected",
  "budget-exceeded",
  "credit-exhausted",
  "rate-limited",
  "overloaded",
  "model-unavailable",
  "model-unreachable",
  "context-full",
  "turn-limit",
  "conversation-budget",
  "agent-restarted",
  "claude-crashed",
  "internal",
]);
export type TurnFailure = z.infer<typeof TurnFailure>;

export const TokenUsage = z.object({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  cacheReadTokens: z.int().nonnegative(),
  cacheWriteTokens: z.int().nonnegative(),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

/**
 * A message of the Claude Agent SDK, as it came (sdk.d.ts of the pinned version is its reference). Stored whole;
 * readers narrow it themselves and show what they do not know.
 */
export const SdkMessage = z.looseObject({ type: z.string() });
export type SdkMessage = z.infer<typeof SdkMessage>;

export const PermissionDecision = z.enum(["allow", "allow-for-session", "allow-always", "deny"]);
export type PermissionDecision = z.infer<typeof PermissionDecision>;

/** What goes back: the talk, the files that Claude has changed in it, or both. */
export const RewindScope = z.enum(["both", "conversation", "files"]);
export type RewindScope = z.infer<typeof RewindScope>;

export const ChatAttachment = z.object({
  path: WorkspacePath,
  lines: z.tuple([z.int(), z.int()]).optional(),
});

/** Stop was pressed, the agent restarted, the conversation's budget is used up, or the turn before failed. */
export const QueueHold = z.enum(["stopped", "restarted", "budget", "failed"]);
export type QueueHold = z.infer<typeof QueueHold>;

/** One thing that happened in a conversation. */
export const ChatEvent = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("user-message"),
    messageId: Id,
    text: z.string(),
    attachments: z.array(ChatAttachment),
    by: Actor,
  }),
  /** Of a prompt that waits in the queue, like the next two. */
  z.object({
    kind: z.literal("prompt-edited"),
    messageId: Id,
    text: z.string(),
    attachments: z.array(ChatAttachment),
    by: Actor.nullable(),
  }),
  z.object({ kind: z.literal("prompt-removed"), messageId: Id, by: Actor.nullable() }),
  /** `before`: the prompt it now stands in front of; null: at the end. */
  z.object({
    kind: z.literal("prompt-moved"),
    messageId: Id,
    before: Id.nullable(),
    by: Actor.nullable(),
  }),
  /** What waits does not go on by itself, until `queue-released`. */
  z.object({
    kind: z.literal("queue-held"),
    because: QueueHold,
    by: Actor.nullable(),
  }),
  z.object({ kind: z.literal("queue-released"), by: Actor.nullable() }),
  z.object({ kind: z.literal("turn-started"), turnId: Id, messageId: Id }),
  /** `turnId` is null for what Claude Code says outside a turn. Partial messages are not among these. */
  z.object({ kind: z.literal("sdk"), turnId: Id.nullable(), message: SdkMessage }),
  z.object({
    kind: z.literal("permission-asked"),
    turnId: Id,
    requestId: Id,
    toolUseId: z.string(),
    toolName: z.string(),
    input: z.record(z.string(), z.unknown()),
    /** Claude Code's own sentence for it, where it gives one. */
    title: z.string().nullable(),
    /** What "allow for this session" would allow, in Claude Code's rule syntax, for people to read. */
    rules: z.array(z.string()),
    /** Rules that would allow the like of it always. Empty: Claude Code wants to be asked each time. */
    suggested: z.array(RuleText).optional(),
    /** Why Claude Code asks, in its words. */
    reason: z.string().optional(),
    /** Not to be allowed by a single stray key. */
    careful: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal("permission-answered"),
    requestId: Id,
    /** "withdrawn": the turn was stopped, or the agent restarted, before anyone answered. */
    decision: z.enum([...PermissionDecision.options, "withdrawn"]),
    message: z.string().nullable(),
    /** What the person made of the tool's input, where they changed it. */
    input: z.record(z.string(), z.unknown()).optional(),
    /** Rules that were made of it, and where they are kept. */
    rules: z.array(RuleText).optional(),
    scope: RuleScope.optional(),
    /** Of a plan: how Claude goes on. */
    mode: PermissionMode.optional(),
    /** Denied, and the turn stopped with it. */
    stop: z.boolean().optional(),
    by: Actor.nullable(),
  }),
  z.object({
    kind: z.literal("turn-ended"),
    turnId: Id,
    outcome: z.enum(["completed", "interrupted"]),
    durationMs: z.int().nonnegative(),
    costUsd: z.number().nonnegative(),
    usage: TokenUsage,
  }),
  z.object({
    kind: z.literal("turn-failed"),
    turnId: Id,
    reason: TurnFailure,
    /** A sentence for the person: what happened. */
    message: z.string(),
    retryable: z.boolean(),
    /** When the limit ends for which it failed, where that is known. */
    retryAt: z.iso.datetime().optional(),
    durationMs: z.int().nonnegative(),
    costUsd: z.number().nonnegative(),
    usage: TokenUsage,
  }),
  z.object({
    kind: z.literal("configured"),
    model: z.string().nullable(),
    permissionMode: PermissionMode,
    /** Absent in entries of former releases, where nothing of it could be set. */
    ...Steering.partial().shape,
    by: Actor.nullable(),
  }),
  /**
   * Everything is as it was before this prompt. If the talk went back, Claude knows nothing of the entries between
   * that prompt's turn and this one; they stay where they are, for people.
   */
  z.object({
    kind: z.literal("rewound"),
    messageId: Id,
    what: RewindScope,
    /** Files that were put back, the first of them; `fileCount` says how many. */
    files: z.array(z.string()),
    fileCount: z.int().nonnegative(),
    by: Actor.nullable(),
  }),
  /** The first entry of a conversation's own: those before it are copies of another one's. */
  z.object({ kind: z.literal("forked"), fromConversationId: Id, by: Actor.nullable() }),
]);
export type ChatEvent = z.infer<typeof ChatEvent>;
export type ChatEventOf<Kind extends ChatEvent["kind"]> = Extract<ChatEvent, { kind: Kind }>;

/** A line of a conversation's journal. `seq` counts from 1 without gaps. */
export const JournalEntry = z.object({
  conversationId: Id,
  seq: z.int().positive(),
  at: Time,
  event: ChatEvent,
});
export type JournalEntry = z.infer<typeof JournalEntry>;

/**
 * A piece of a message that is still being written. `offset` is where `text` begins in its block (UTF-16 code
 * units): a reader that joined with a snapshot drops what it already has. The finished message follows as an
 * `sdk` entry with the same `messageId` (the model's message id) and replaces the pieces.
 */
export const ChatDelta = z.object({
  conversationId: Id,
  turnId: Id,
  /** Of a `tool-output`: the id of the tool's call. */
  messageId: z.string(),
  /** Set inside a subagent. */
  parentToolUseId: z.string().nullable(),
  block: z.int().nonnegative(),
  /**
   * `tool-output` is what a command has written so far, or only the end of it: a higher `block` of the same call
   * begins anew and stands instead of the lower ones. It ends with what Claude Code says of the call itself.
   */
  blockType: z.enum(["text", "thinking", "tool-input", "tool-output"]),
  /** Of a tool-input block. */
  toolName: z.string().nullable(),
  offset: z.int().nonnegative(),
  text: z.string(),
});
export type ChatDelta = z.infer<typeof ChatDelta>;
