import * as z from "zod";
import {
  ChatAttachment,
  ChatDelta,
  JournalEntry,
  PermissionDecision,
  PermissionMode,
  TokenUsage,
} from "../chat-events.ts";
import { Id, Time } from "../ids.ts";
import { RuleScope, RuleText } from "../permission-rules.ts";
import { PromptQueue } from "../prompt-queue.ts";
import { Effort, Steering } from "../steering.ts";
import { command, event } from "./message.ts";

/** Of a tool's input that a person has changed, as JSON: it is journalled and recorded whole. */
const maxInputLength = 200_000;

/** The queue as it stood behind the journal's entry `seq`: what later entries say of it comes on top. */
export const QueueSnapshot = PromptQueue.extend({ seq: z.int().nonnegative() });
export type QueueSnapshot = z.infer<typeof QueueSnapshot>;

export const ConversationState = z.enum(["idle", "working", "waiting"]);
export type ConversationState = z.infer<typeof ConversationState>;

export const Conversation = z.object({
  conversationId: Id,
  sessionId: Id,
  title: z.string().nullable(),
  /** "waiting": for a person's answer to a permission question. */
  state: ConversationState,
  model: z.string().nullable(),
  permissionMode: PermissionMode,
  steering: Steering,
  lastSeq: z.int().nonnegative(),
  costUsd: z.number().nonnegative(),
  usage: TokenUsage,
  createdAt: Time,
  lastActiveAt: Time,
  /** Put away: null while it is in the list. */
  archivedAt: Time.nullable(),
  /** Its entries up to `seq` are copies of another one's, from which it goes on. */
  forkedFrom: z.object({ conversationId: Id, seq: z.int().nonnegative() }).nullable(),
});
export type Conversation = z.infer<typeof Conversation>;

export const chatList = command("chat.list", {
  to: "api",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({
    /** Those that were put away, instead of those that were not. */
    archived: z.boolean().optional(),
  }),
  /** Newest activity first. */
  reply: z.object({ conversations: z.array(Conversation) }),
});

export const chatCreate = command("chat.create", {
  to: "api",
  needs: "session.use",
  scope: "claude:write",
  /** The client chooses the id, so that asking twice makes one. */
  payload: z.object({ conversationId: Id, title: z.string().max(200).optional() }),
  reply: z.object({ conversation: Conversation }),
});

export const chatRename = command("chat.rename", {
  to: "api",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ conversationId: Id, title: z.string().min(1).max(200) }),
  reply: z.object({ conversation: Conversation }),
});

/**
 * Starts `chat.entry` and `chat.delta` of this conversation for this client, and says where things stand.
 * `after` is the last seq the client has: the reply holds what follows, oldest first, at most 500; ask again
 * while `more`. With `after: null` it holds the last 200. `partials` is what is being written at this moment
 * (each from offset 0). The client applies live entries in order of seq and asks again when one is missing.
 */
export const chatSubscribe = command("chat.subscribe", {
  to: "api",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({ conversationId: Id, after: z.int().nonnegative().nullable() }),
  reply: z.object({
    conversation: Conversation,
    entries: z.array(JournalEntry),
    more: z.boolean(),
    partials: z.array(ChatDelta),
    /** What waits for its turn; null where no agent is there to say so. */
    queue: QueueSnapshot.nullable().optional(),
  }),
});

export const chatUnsubscribe = command("chat.unsubscribe", {
  to: "api",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({ conversationId: Id }),
  reply: z.object({}),
});

/** Older entries, for scrolling up: those with seq < `before`, the last `limit` of them, oldest first. */
export const chatHistory = command("chat.history", {
  to: "api",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({ conversationId: Id, before: z.int().positive(), limit: z.int().min(1).max(500) }),
  reply: z.object({ entries: z.array(JournalEntry) }),
});

/** A prompt. `messageId` is the client's, so that sending twice counts once. Queued while a turn runs. */
export const chatSend = command("chat.send", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z
    .object({
      conversationId: Id,
      messageId: Id,
      /** Empty where what is attached says enough: a picture, say. */
      text: z.string().max(200_000),
      attachments: z.array(ChatAttachment).max(50).optional(),
    })
    .refine(({ text, attachments = [] }) => text !== "" || attachments.length > 0, {
      error: "neither text nor attachments",
    }),
  reply: z.object({ seq: z.int().positive() }),
  audit: { action: "claude.prompted", details: ["conversationId", "messageId", "text"], once: true },
});

/** Changes a prompt that waits. `conflict` when Claude has begun with it, like the other commands of the queue. */
export const chatEditQueued = command("chat.edit-queued", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({
    conversationId: Id,
    messageId: Id,
    text: z.string().min(1).max(200_000),
    attachments: z.array(ChatAttachment).max(50).optional(),
  }),
  reply: z.object({}),
  audit: { action: "claude.prompted", details: ["conversationId", "messageId", "text"] },
});

/** Takes a prompt out of the queue: Claude never sees it. */
export const chatRemoveQueued = command("chat.remove-queued", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ conversationId: Id, messageId: Id }),
  reply: z.object({}),
  audit: { action: "claude.prompt-removed", details: ["conversationId", "messageId"] },
});

/** Puts a prompt that waits in front of another one; at the end with `before: null`. */
export const chatMoveQueued = command("chat.move-queued", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ conversationId: Id, messageId: Id, before: Id.nullable() }),
  reply: z.object({}),
});

/** Lets a held queue go on. */
export const chatReleaseQueue = command("chat.release-queue", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ conversationId: Id }),
  reply: z.object({}),
});

/**
 * Stops the running turn; what was done stays. Without a running turn it does nothing. What waits in the queue
 * comes next, or with `holdQueue` only after the next prompt that is sent, or `chat.release-queue`.
 */
export const chatInterrupt = command("chat.interrupt", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ conversationId: Id, holdQueue: z.boolean().optional() }),
  reply: z.object({}),
  audit: { action: "claude.interrupted", details: ["conversationId"] },
});

/** Answers a permission question. The first answer counts; a later one is told so (`conflict`). */
export const chatAnswer = command("chat.answer", {
  to: "agent",
  needs: "session.answer",
  scope: "claude:write",
  payload: z.object({
    conversationId: Id,
    requestId: Id,
    decision: PermissionDecision,
    /** Of a denial: what Claude is told. */
    message: z.string().max(10_000).optional(),
    /** Of an allowance for once: what the tool is to do instead of what Claude asked for. */
    input: z
      .record(z.string(), z.unknown())
      .refine((input) => JSON.stringify(input).length <= maxInputLength, "the input is too long")
      .optional(),
    /** Of a question of the AskUserQuestion tool that is allowed: what was chosen, by the question's text. */
    answers: z.record(z.string().max(2000), z.string().max(10_000)).optional(),
    /** Of `allow-always`: the rules to keep, in the spelling of Claude Code's settings, and where. */
    rules: z.array(RuleText).min(1).max(20).optional(),
    scope: RuleScope.optional(),
    /** Of a plan that is allowed: how Claude goes on. Never without questions; by default it asks. */
    mode: PermissionMode.optional(),
    /** Of a denial: the turn ends with it. */
    stop: z.boolean().optional(),
  }),
  reply: z.object({}),
  audit: {
    action: "claude.permission-answered",
    details: [
      "conversationId",
      "requestId",
      "decision",
      "message",
      "input",
      "rules",
      "scope",
      "mode",
      "stop",
    ],
  },
});

/**
 * Changes the model (null: Claude Code's default), the permission mode, effort or thinking, from the next model
 * request on, also of a turn that runs; the limits of steps and cost from the next turn on.
 */
export const chatConfigure = command("chat.configure", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({
    conversationId: Id,
    model: z.string().max(200).nullable().optional(),
    permissionMode: PermissionMode.optional(),
    ...Steering.partial().shape,
  }),
  reply: z.object({}),
  audit: {
    action: "claude.configured",
    details: ["conversationId", "model", "permissionMode", "effort", "thinking", "stepLimit", "budgetUsd"],
  },
});

/** A model that Claude Code offers. */
export const OfferedModel = z.object({
  value: z.string(),
  displayName: z.string(),
  description: z.string(),
  /** The model that stands behind the name, as the endpoint knows it; null: Claude Code does not say. */
  resolved: z.string().nullable(),
  /** Levels that this model knows; empty: none can be chosen. */
  efforts: z.array(Effort),
  /** false: it always thinks. */
  thinkingCanBeOff: z.boolean(),
});
export type OfferedModel = z.infer<typeof OfferedModel>;

/** Models for the picker: those that this Claude Code offers and the organisation allows the session's owner. */
export const chatModels = command("chat.models", {
  to: "api",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({}),
  reply: z.object({ models: z.array(OfferedModel) }),
});

/** All that this Claude Code offers, allowed or not. */
export const chatOfferedModels = command("chat.offered-models", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({}),
  reply: z.object({ models: z.array(OfferedModel) }),
});

/** The slash commands that Claude Code itself reports: its own, those of project and person, skills, MCP prompts. */
export const chatCommands = command("chat.commands", {
  to: "agent",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({ conversationId: Id }),
  reply: z.object({
    commands: z.array(
      z.object({
        /** Without the slash. */
        name: z.string(),
        description: z.string(),
        /** What may follow it, in Claude Code's words; "" for nothing. */
        argumentHint: z.string(),
      }),
    ),
  }),
});

/**
 * Starts `chat.entry` and `chat.delta` on this connection: first every kept entry after the cursors (a
 * conversation that is not named counts from 0), in order, then live.
 */
export const chatFollow = command("chat.follow", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({ cursors: z.record(Id, z.int().nonnegative()) }),
  reply: z.object({}),
});

/** Entries up to `seq` are stored: the agent may forget them. Only the recorder says so. */
export const chatAcknowledge = command("chat.acknowledge", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({ conversationId: Id, seq: z.int().positive() }),
  reply: z.object({}),
});

export const chatPartials = command("chat.partials", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({ conversationId: Id }),
  reply: z.object({ partials: z.array(ChatDelta), queue: QueueSnapshot.nullable().optional() }),
});

export const chatEntry = event("chat.entry", {
  from: "agent",
  keep: "log",
  reach: "session",
  payload: JournalEntry,
});

export const chatDelta = event("chat.delta", {
  from: "agent",
  keep: "none",
  reach: "session",
  payload: ChatDelta,
});

/** Made, renamed, or its state or cost changed. */
export const chatConversationChanged = event("chat.conversation-changed", {
  from: "api",
  keep: "none",
  reach: "session",
  payload: z.object({ conversation: Conversation }),
});
