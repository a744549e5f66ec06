import { Readable } from "node:stream";
import { newId } from "@remote-claude/prisma";
import { AppError, errorTable } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Chat } from "../chat/index.ts";
import { entriesAfter } from "../chat/index.ts";
import { Superseded } from "./deadline.ts";
import { holdsTask, type PreparedTask } from "./state.ts";

const maxArtifactBytes = 1024 * 1024 * 1024;

interface NewArtifact {
  readonly kind: "transcript" | "patch";
  readonly name: string;
  readonly contentType: string;
  open(): Promise<Readable>;
}

/**
 * Stores the bytes first, then the row: a row always has its bytes. One of each kind, also when an attempt that was
 * cut off here is begun again. Throws Superseded when the task is no longer this attempt's.
 */
async function keep({ context }: Chat, task: PreparedTask, artifact: NewArtifact): Promise<void> {
  const { db, storage } = context;
  const { sessionId, id: taskId, createdById } = task;
  const { kind, name, contentType } = artifact;
  if ((await db.artifact.count({ where: { taskId, kind } })) > 0) return;
  const id = newId();
  const storageKey = `sessions/${sessionId}/tasks/${taskId}/${id}-${name}`;
  const body = await artifact.open();
  const { sizeBytes, sha256 } = await storage.put(storageKey, body, {
    contentType,
    maxBytes: maxArtifactBytes,
  });
  try {
    await db.$transaction(async (tx) => {
      if (!(await holdsTask(tx, task))) throw new Superseded();
      await tx.artifact.create({
        data: { id, sessionId, taskId, createdById, kind, name, contentType, sizeBytes, sha256, storageKey },
      });
      const details = { taskId, artifactId: id, sizeBytes, sha256 };
      const actor = { kind: "system" } as const;
      await record(tx, { action: "artifact.stored", actor, sessionId, target: name, details });
    });
  } catch (error) {
    await storage.delete(storageKey).catch(() => {});
    throw error;
  }
}

/** The conversation's entries from the task's prompt on, one JSON a line. */
async function* transcript(chat: Chat, task: PreparedTask, afterSeq: number): AsyncGenerator<string> {
  let after = afterSeq;
  for (let more = true; more; ) {
    const page = await entriesAfter(chat, task.sessionId, task.conversationId, after);
    for (const entry of page.entries) yield `${JSON.stringify(entry)}\n`;
    after = page.entries.at(-1)?.seq ?? after;
    more = page.more && page.entries.length > 0;
  }
}

/** Keeps the transcript of a task; `afterSeq` is the entry before its prompt. */
export async function keepTranscript(chat: Chat, task: PreparedTask, afterSeq: number): Promise<void> {
  await keep(chat, task, {
    kind: "transcript",
    name: "transcript.jsonl",
    contentType: "application/x-ndjson",
    open: async () => Readable.from(transcript(chat, task, afterSeq)),
  });
}

/** The workspace as it is, to make a patch against later; null where there is no git. */
export async function takeSnapshot({ context }: Chat, sessionId: string): Promise<string | null> {
  const options = { timeoutMs: 120_000 };
  return (await context.agents.request(sessionId, "workspace.snapshot", {}, options)).snapshot;
}

/** Keeps what changed since the snapshot as a patch; nothing when nothing did. What was done stays done without. */
export async function keepPatch(chat: Chat, task: PreparedTask, from: string | null): Promise<void> {
  if (from === null) return;
  const { agents, log } = chat.context;
  const { sessionId, id: taskId } = task;
  try {
    const to = await takeSnapshot(chat, sessionId);
    if (to === null || from === to) return;
    await keep(chat, task, {
      kind: "patch",
      name: "changes.patch",
      contentType: "text/x-diff",
      open: async () => (await agents.readPatch(sessionId, { from, to })).body,
    });
  } catch (error) {
    // An agent that is away may come back; a snapshot that is gone, or a patch beyond all bounds, stays so.
    if (!(error instanceof AppError) || errorTable[error.code].retryable) throw error;
    log.warn({ err: error, taskId }, "no patch of a task");
  }
}
