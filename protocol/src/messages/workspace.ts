import * as z from "zod";
import { Id, WorkspacePath } from "../ids.ts";
import { command, event } from "./message.ts";

export const GitChange = z.object({
  path: WorkspacePath,
  status: z.enum(["added", "modified", "deleted", "renamed", "untracked", "conflicted"]),
});

/** The state of the repository in the workspace, for the explorer's colours and the status bar. */
export const workspaceStatus = command("workspace.status", {
  to: "agent",
  needs: "session.view",
  scope: "files:read",
  payload: z.object({}),
  reply: z.object({
    /** null: no repository, or no git. `branch` is null on a detached head. */
    git: z
      .object({
        branch: z.string().nullable(),
        ahead: z.int().nonnegative(),
        behind: z.int().nonnegative(),
        changes: z.array(GitChange).max(5000),
      })
      .nullable(),
  }),
});

/**
 * Clones a repository into the empty workspace, through egress. Refused: anything but https://, http://,
 * ssh://git@ and git@host: addresses. `bad_request` with git's own words when the clone fails.
 */
export const workspaceClone = command("workspace.clone", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({ url: z.string().max(2000), branch: z.string().max(250).optional() }),
  reply: z.object({}),
});

export const workspaceProgress = event("workspace.progress", {
  from: "agent",
  keep: "none",
  reach: "session",
  payload: z.object({ step: z.enum(["cloning", "extracting"]), text: z.string().max(500) }),
});

/**
 * Remembers the workspace's content as a git tree in a repository of the agent's own (under the home, never the
 * person's .git), honouring .gitignore. Two of these make a patch (`file.open-transfer`). null: there is no git.
 */
export const workspaceSnapshot = command("workspace.snapshot", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({}),
  reply: z.object({
    snapshot: z
      .string()
      .regex(/^[0-9a-f]{40,64}$/)
      .nullable(),
  }),
});

/**
 * What works in the session on its own, so that it is not idle: terminals in which a program other than the shell
 * used the processor or wrote something since this was last asked, commands, transfers and clones that run now.
 * Claude's turns are not among them: the api knows of those.
 */
export const workspaceActivity = command("workspace.activity", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({}),
  reply: z.object({
    terminals: z.int().nonnegative(),
    commands: z.int().nonnegative(),
    transfers: z.int().nonnegative(),
  }),
});

/** Bytes that workspace and home take on disk; measured at most once a minute. */
export const workspaceSize = command("workspace.size", {
  to: "agent",
  needs: "session.view",
  scope: "files:read",
  payload: z.object({}),
  reply: z.object({ bytes: z.int().nonnegative() }),
});

export const ExecuteRequest = z.object({
  command: z.string().min(1).max(100_000),
  cwd: WorkspacePath.optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(32_768)).optional(),
  timeoutMs: z.int().min(1).max(600_000).optional(),
});

export const ExecuteResult = z.object({
  stdout: z.string(),
  stderr: z.string(),
  /** null when a signal or the timeout ended it. */
  exitCode: z.int().nullable(),
  /** stdout or stderr was cut at 1 MiB each. */
  truncated: z.boolean(),
});
export type ExecuteResult = z.infer<typeof ExecuteResult>;

/** Runs a command with `bash -c` (or sh); `timeout` after `timeoutMs` (default 60 s), its process group killed. */
export const workspaceExecute = command("workspace.execute", {
  to: "agent",
  needs: "session.use",
  scope: "terminals:write",
  /** `executionId`: by which `workspace.cancel` knows it. */
  payload: ExecuteRequest.extend({ executionId: Id.optional() }),
  reply: ExecuteResult,
  audit: { action: "command.executed", details: ["command", "cwd"] },
});

/** Kills a command for whose end nobody waits any more, with all that it started; one that has ended is none. */
export const workspaceCancel = command("workspace.cancel", {
  to: "agent",
  needs: "internal",
  scope: "full",
  payload: z.object({ executionId: Id }),
  reply: z.object({}),
});
