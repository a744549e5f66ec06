import * as z from "zod";
import { Id, WorkspacePath } from "../ids.ts";
import { ETag } from "./file.ts";
import { command } from "./message.ts";

/**
 * What the workspace is compared with: the last commit of the repository in it, or each file as it was before Claude
 * first edited it in a conversation.
 */
export const ChangeBase = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("commit") }),
  z.object({ kind: z.literal("conversation"), conversationId: Id }),
]);
export type ChangeBase = z.infer<typeof ChangeBase>;

export const ChangedFile = z.object({
  path: WorkspacePath,
  /** Of a file that was renamed: its name before. */
  from: WorkspacePath.nullable(),
  status: z.enum(["added", "modified", "deleted", "renamed", "conflicted"]),
  /** Lines; null where they cannot be counted: of bytes that are no text, or too many. */
  added: z.int().nonnegative().nullable(),
  removed: z.int().nonnegative().nullable(),
});
export type ChangedFile = z.infer<typeof ChangedFile>;

/** In whose name the session's own git would commit; null where that is not configured. */
export const CommitAuthor = z.object({ name: z.string().min(1).max(200), email: z.string().min(1).max(320) });
export type CommitAuthor = z.infer<typeof CommitAuthor>;

export const changesList = command("changes.list", {
  to: "agent",
  needs: "session.view",
  scope: "files:read",
  payload: z.object({ base: ChangeBase }),
  reply: z.object({
    /** null: the workspace is no repository, or there is no git. */
    repository: z
      .object({ branch: z.string().nullable(), author: CommitAuthor.nullable(), hasCommits: z.boolean() })
      .nullable(),
    gitAvailable: z.boolean(),
    /** By path. */
    files: z.array(ChangedFile).max(5000),
    truncated: z.boolean(),
  }),
});

/** One side of a comparison. `etag` names the very bytes. */
export const ChangeSide = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("missing") }),
  z.object({ kind: z.literal("text"), text: z.string(), etag: ETag }),
  z.object({ kind: z.literal("binary"), size: z.int().nonnegative(), etag: ETag }),
  /** Too large to be shown. */
  z.object({ kind: z.literal("large"), size: z.int().nonnegative() }),
  /** A link, a submodule, a directory. */
  z.object({ kind: z.literal("other"), what: z.string().max(4200) }),
]);
export type ChangeSide = z.infer<typeof ChangeSide>;

export const changesRead = command("changes.read", {
  to: "agent",
  needs: "session.view",
  scope: "files:read",
  payload: z.object({ base: ChangeBase, path: WorkspacePath.min(1), from: WorkspacePath.nullable() }),
  reply: z.object({ original: ChangeSide, current: ChangeSide }),
});

const LineRange = z.object({ start: z.int().nonnegative(), count: z.int().nonnegative() });

/**
 * Takes a change back: the whole file's, or of one hunk (lines counted from 0, in each side as `changes.read` gave
 * it). `precondition_failed` when either side is no longer the one that was looked at; null: it was missing.
 */
export const changesRevert = command("changes.revert", {
  to: "agent",
  needs: "session.use",
  scope: "files:write",
  payload: z.object({
    base: ChangeBase,
    path: WorkspacePath.min(1),
    from: WorkspacePath.nullable(),
    originalEtag: ETag.nullable(),
    currentEtag: ETag.nullable(),
    hunk: z.object({ original: LineRange, current: LineRange }).nullable(),
  }),
  reply: z.object({}),
  audit: { action: "change.reverted", details: ["path", "base", "hunk"] },
});

/**
 * Commits with the session's git: these files as they are, or with `paths: null` everything. Its hooks run.
 * `bad_request` with git's own words (`details.output`) when git, or a hook, refuses.
 */
export const changesCommit = command("changes.commit", {
  to: "agent",
  needs: "session.use",
  scope: "terminals:write",
  payload: z.object({
    message: z.string().trim().min(1).max(20_000),
    author: CommitAuthor,
    paths: z.array(WorkspacePath.min(1)).min(1).max(5000).nullable(),
  }),
  reply: z.object({ commit: z.string().regex(/^[0-9a-f]{40,64}$/), output: z.string() }),
  audit: { action: "git.committed", details: ["message", "author"] },
});

/** Makes the workspace a repository; one that it is already is left alone. */
export const changesInit = command("changes.init", {
  to: "agent",
  needs: "session.use",
  scope: "files:write",
  payload: z.object({}),
  reply: z.object({}),
  audit: { action: "git.initialised", details: [] },
});
