import * as z from "zod";
import { ChatAttachment, RewindScope } from "../chat-events.ts";
import { Id, Time, WorkspacePath } from "../ids.ts";
import { Conversation } from "./chat.ts";
import { command } from "./message.ts";

/** What becomes of a file: it gets other contents, is there again, or is there no more. */
export const RewindFate = z.enum(["changed", "restored", "deleted"]);
export type RewindFate = z.infer<typeof RewindFate>;

/** A file that going back would change. */
export const RewindFile = z.object({
  /** Relative to the workspace where it lies in it. */
  path: z.string().max(4200),
  /** What is there now is not what Claude left in this conversation: somebody else has changed it since. */
  changedSince: z.boolean(),
  /** Absent where it is not known, and from agents of before. */
  fate: RewindFate.optional(),
});
export type RewindFile = z.infer<typeof RewindFile>;

export const RewindPreview = z.object({
  files: z.array(RewindFile),
  /** Lines that would come and go, in all files together. */
  insertions: z.int().nonnegative(),
  deletions: z.int().nonnegative(),
  /** Why files, or the talk, cannot go back to there; null when they can. */
  filesRefused: z.string().nullable(),
  conversationRefused: z.string().nullable(),
  /** Commands and agents that run in the background: they end when the talk goes back. */
  backgroundTasks: z.int().nonnegative(),
});
export type RewindPreview = z.infer<typeof RewindPreview>;

/** What `conversation.rewind` to before this prompt would change. */
export const conversationPreviewRewind = command("conversation.preview-rewind", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ conversationId: Id, messageId: Id }),
  reply: RewindPreview,
});

/**
 * Puts the conversation, the files Claude has changed in it, or both back to where they were before this prompt. What
 * was said since stays on record. `conflict` while a turn runs, and when a file that would be overwritten was changed
 * by somebody else and is not named in `overwrite`: nothing is changed then.
 */
export const conversationRewind = command("conversation.rewind", {
  to: "agent",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({
    conversationId: Id,
    messageId: Id,
    what: RewindScope,
    /** Files, as the preview names them, whose changes by others may be lost. */
    overwrite: z.array(z.string().max(4200)).max(5000),
  }),
  reply: z.object({
    /** Files that are as they were. */
    files: z.array(z.string()),
    /** Files that were left alone, since links lead elsewhere. */
    skipped: z.int().nonnegative(),
  }),
  audit: { action: "claude.rewound", details: ["conversationId", "messageId", "what", "overwrite"] },
});

/** Begins a conversation of the agent's own that goes on from a point of another; of `conversation.fork`. */
export const conversationBranch = command("conversation.branch", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({
    conversationId: Id,
    forkId: Id,
    /** The prompt before which it branches off; null: at the end. */
    before: Id.nullable(),
    /** Up to here it holds copies of the other's entries. */
    seq: z.int().nonnegative(),
  }),
  reply: z.object({}),
});

/**
 * Begins a new conversation that knows what this one knew before a prompt, or after the turn that answered it. The
 * client chooses `forkId`, so that asking twice makes one. Files stay as they are. `conflict` where that turn runs.
 */
export const conversationFork = command("conversation.fork", {
  to: "api",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({
    conversationId: Id,
    forkId: Id,
    messageId: Id,
    where: z.enum(["before", "after"]),
  }),
  reply: z.object({ conversation: Conversation }),
});

/** Puts a conversation away, or takes it out again. It stays readable and is found; a prompt takes it out by itself. */
export const conversationArchive = command("conversation.archive", {
  to: "api",
  needs: "session.use",
  scope: "claude:write",
  payload: z.object({ conversationId: Id, archived: z.boolean() }),
  reply: z.object({ conversation: Conversation }),
});

/** What a person has written into a conversation's text box and not sent. Only they see it. */
export const ConversationDraft = z.object({
  /** Of a conversation that may not have begun. */
  conversationId: Id,
  text: z.string().max(200_000),
  attachments: z.array(ChatAttachment.extend({ path: WorkspacePath })).max(50),
  updatedAt: Time,
});
export type ConversationDraft = z.infer<typeof ConversationDraft>;

/** Keeps one's draft; an empty one is forgotten. The last one that comes counts. */
export const conversationSaveDraft = command("conversation.save-draft", {
  to: "api",
  needs: "session.use",
  scope: "claude:write",
  payload: ConversationDraft.omit({ updatedAt: true }),
  reply: z.object({}),
});

/** One's own drafts in this session, or of one conversation, the newest first; at most a million characters. */
export const conversationDrafts = command("conversation.drafts", {
  to: "api",
  needs: "session.view",
  scope: "claude:read",
  payload: z.object({ conversationId: Id.optional() }),
  reply: z.object({ drafts: z.array(ConversationDraft) }),
});
