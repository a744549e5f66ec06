import * as z from "zod";
import { Id } from "../ids.ts";
import { ExecuteRequest, ExecuteResult } from "../messages/workspace.ts";
import { Session, SessionName } from "../session.ts";
import { route } from "./route.ts";

export const SessionParams = z.object({ sessionId: Id });

/** A git address as people paste it: https, http, ssh://git@host/… or git@host:path. */
export const RepositoryUrl = z
  .string()
  .trim()
  .max(2000)
  .regex(
    /^(https?:\/\/[^\s/@]+\/\S+|ssh:\/\/git@[^\s/]+\/\S+|git@[A-Za-z0-9.-]+:\S+)$/,
    "a git address: https://host/path, ssh://git@host/path or git@host:path, without a password in it",
  );

export const GitBranch = z
  .string()
  .trim()
  .min(1)
  .max(250)
  .regex(/^(?!-)[^\s~^:?*[\\]+$/, "not a branch name");

export const CreateSession = z.strictObject({
  name: SessionName,
  repositoryUrl: RepositoryUrl.optional(),
  branch: GitBranch.optional(),
  template: z.string().max(63).optional(),
});
export type CreateSession = z.infer<typeof CreateSession>;

export const createSession = route({
  method: "POST",
  path: "/api/sessions",
  summary:
    "Make a session and start it. As multipart/form-data: the same fields, and `archive`, a .zip or .tar.gz that fills the workspace",
  needs: "sessions.create",
  scope: "sessions:write",
  body: CreateSession,
  accepts: "multipart/form-data",
  reply: z.object({ session: Session }),
  status: 201,
  errors: ["bad_request", "quota_exceeded", "too_large"],
});

export const listSessions = route({
  method: "GET",
  path: "/api/sessions",
  summary: "Your sessions, newest activity first",
  needs: "signed-in",
  scope: "sessions:read",
  reply: z.object({ sessions: z.array(Session) }),
});

export const getSession = route({
  method: "GET",
  path: "/api/sessions/{sessionId}",
  summary: "One session",
  needs: "session.view",
  scope: "sessions:read",
  params: SessionParams,
  reply: z.object({ session: Session }),
});

export const renameSession = route({
  method: "PATCH",
  path: "/api/sessions/{sessionId}",
  summary: "Rename a session",
  needs: "session.manage",
  scope: "sessions:write",
  params: SessionParams,
  body: z.strictObject({ name: SessionName }),
  reply: z.object({ session: Session }),
});

export const deleteSession = route({
  method: "DELETE",
  path: "/api/sessions/{sessionId}",
  summary: "Delete a session, its workspace and its home, for good",
  needs: "session.delete",
  scope: "sessions:write",
  params: SessionParams,
  status: 204,
});

export const stopSession = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/stop",
  summary: "Stop a session; its workspace and home stay",
  needs: "session.manage",
  scope: "sessions:write",
  params: SessionParams,
  reply: z.object({ session: Session }),
  errors: ["conflict"],
});

export const pauseSession = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/pause",
  summary:
    "Freeze a running session: its programs keep their memory and go on where they were when it is resumed",
  needs: "session.manage",
  scope: "sessions:write",
  params: SessionParams,
  reply: z.object({ session: Session }),
  errors: ["conflict"],
});

export const keepSession = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/keep",
  summary:
    "Keep a session running that would be stopped because nobody uses it; `conflict` for a limit that nobody here can put off",
  needs: "session.use",
  scope: "sessions:write",
  params: SessionParams,
  reply: z.object({ session: Session }),
  errors: ["conflict"],
});

export const resumeSession = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/resume",
  summary: "Start a stopped or failed session again, or let a paused one go on",
  needs: "session.manage",
  scope: "sessions:write",
  params: SessionParams,
  reply: z.object({ session: Session }),
  errors: ["conflict"],
});

export const executeCommand = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/execute",
  summary: "Run a command in the workspace and wait for it",
  needs: "session.use",
  scope: "terminals:write",
  params: SessionParams,
  body: ExecuteRequest.strict(),
  reply: ExecuteResult,
  errors: ["session_not_ready", "timeout"],
});
