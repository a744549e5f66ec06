import * as z from "zod";
import { JournalEntry, PermissionMode, TokenUsage, TurnFailure } from "../chat-events.ts";
import { Id, Time } from "../ids.ts";
import { Conversation } from "../messages/chat.ts";
import { route } from "./route.ts";
import { SessionParams } from "./sessions.ts";

export const TurnResult = z.object({
  conversationId: Id,
  turnId: Id,
  outcome: z.enum(["completed", "interrupted", "failed"]),
  /** Claude's last message as text. */
  text: z.string(),
  failure: z.object({ reason: TurnFailure, message: z.string() }).nullable(),
  costUsd: z.number(),
  usage: TokenUsage,
});
export type TurnResult = z.infer<typeof TurnResult>;

export const chatWithClaude = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/claude/chat",
  summary:
    "One prompt; answers when the turn ends. With Accept: text/event-stream the events `entry` (JournalEntry), `delta` (ChatDelta) and at last `result` (TurnResult) as they come",
  needs: "session.use",
  scope: "claude:write",
  params: SessionParams,
  body: z.strictObject({ message: z.string().min(1).max(200_000), conversationId: Id.optional() }),
  reply: TurnResult,
  answers: "text/event-stream",
  errors: ["session_not_ready", "not_found"],
});

export const claudeHistory = route({
  method: "GET",
  path: "/api/sessions/{sessionId}/claude/history",
  summary: "Stored events after a sequence number, oldest first, at most 500",
  needs: "session.view",
  scope: "claude:read",
  params: SessionParams,
  query: z.object({
    after: z.coerce.number().int().nonnegative().default(0),
    /** Default: the conversation with the newest activity. */
    conversationId: Id.optional(),
    limit: z.coerce.number().int().min(1).max(500).default(500),
  }),
  reply: z.object({ conversationId: Id.nullable(), entries: z.array(JournalEntry), more: z.boolean() }),
});

export const listConversations = route({
  method: "GET",
  path: "/api/sessions/{sessionId}/claude/conversations",
  summary: "The session's conversations, newest activity first",
  needs: "session.view",
  scope: "claude:read",
  params: SessionParams,
  reply: z.object({ conversations: z.array(Conversation) }),
});

export const TaskState = z.enum(["queued", "running", "waiting", "succeeded", "failed", "cancelled"]);
export type TaskState = z.infer<typeof TaskState>;

/** From where to where a task goes; compare-and-set, like a session. */
export const taskTransitions = {
  queued: ["running", "cancelled", "failed"],
  running: ["waiting", "succeeded", "failed", "cancelled", "queued"],
  waiting: ["running", "succeeded", "failed", "cancelled", "queued"],
  succeeded: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<TaskState, readonly TaskState[]>;

export const Artifact = z.object({
  id: Id,
  kind: z.enum(["transcript", "patch", "upload"]),
  name: z.string(),
  contentType: z.string(),
  sizeBytes: z.int().nonnegative(),
  sha256: z.string(),
  createdAt: Time,
});
export type Artifact = z.infer<typeof Artifact>;

export const Task = z.object({
  id: Id,
  sessionId: Id,
  conversationId: Id.nullable(),
  prompt: z.string(),
  state: TaskState,
  /** Claude's last words, or what went wrong. */
  result: z.string().nullable(),
  costUsd: z.number(),
  attempts: z.int().nonnegative(),
  artifacts: z.array(Artifact),
  createdAt: Time,
  startedAt: Time.nullable(),
  endedAt: Time.nullable(),
});
export type Task = z.infer<typeof Task>;

export const createTask = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/claude/task",
  summary: "Give Claude a task to do in the background; transcript and patch become artifacts",
  needs: "session.use",
  scope: "claude:write",
  params: SessionParams,
  body: z.strictObject({
    prompt: z.string().min(1).max(200_000),
    permissionMode: PermissionMode.optional(),
    timeoutMinutes: z
      .int()
      .min(1)
      .max(24 * 60)
      .optional(),
  }),
  reply: z.object({ task: Task }),
  status: 202,
});

export const listTasks = route({
  method: "GET",
  path: "/api/sessions/{sessionId}/claude/tasks",
  summary: "The session's tasks, newest first",
  needs: "session.view",
  scope: "claude:read",
  params: SessionParams,
  reply: z.object({ tasks: z.array(Task) }),
});

const TaskParams = z.object({ sessionId: Id, taskId: Id });

export const getTask = route({
  method: "GET",
  path: "/api/sessions/{sessionId}/claude/tasks/{taskId}",
  summary: "One task",
  needs: "session.view",
  scope: "claude:read",
  params: TaskParams,
  reply: z.object({ task: Task }),
});

export const cancelTask = route({
  method: "POST",
  path: "/api/sessions/{sessionId}/claude/tasks/{taskId}/cancel",
  summary: "Cancel a task that has not ended",
  needs: "session.use",
  scope: "claude:write",
  params: TaskParams,
  reply: z.object({ task: Task }),
  errors: ["conflict"],
});

export const downloadArtifact = route({
  method: "GET",
  path: "/api/sessions/{sessionId}/artifacts/{artifactId}",
  summary: "An artifact's bytes",
  needs: "session.view",
  scope: "claude:read",
  params: z.object({ sessionId: Id, artifactId: Id }),
  answers: "application/octet-stream",
  errors: ["not_found"],
});
