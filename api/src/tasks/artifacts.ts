import { Readable } from "node:stream";
import { newId } from "@remote-claude/prisma";
import { record } from "../audit/index.ts";
import type { Chat } from "../chat/index.ts";
import { entriesAfter } from "../chat/index.ts";

const maxArtifactBytes = 1024 * 1024 * 1024;

interface TaskOutcome {
  readonly taskId: string;
  readonly sessionId: string;
  readonly conversationId: string;
  readonly createdById: string;
  /** The entry before the task's prompt. */
  readonly afterSeq: number;
}

interface NewArtifact {
  readonly kind: "transcript" | "patch";
  readonly name: string;
  readonly contentType: string;
  readonly body: Readable;
}

/** Stores the bytes first, then the row: a row always has its bytes. */
async function keep({ context }: Chat, task: TaskOutcome, artifact: NewArtifact): Promise<void> {
  const { sessionId, taskId, createdById } = task;
  const { kind, name, contentType, body } = artifact;
  const id = newId();
  const storageKey = `sessions/${sessionId}/tasks/${taskId}/${id}-${name}`;
  const stored = await context.storage.put(storageKey, body, { contentType, maxBytes: maxArtifactBytes });
  const { sizeBytes, sha256 } = stored;
  await context.db.$transaction(async (tx) => {
    await tx.artifact.create({
      data: { id, sessionId, taskId, createdById, kind, name, contentType, sizeBytes, sha256, storageKey },
    });
    const details = { taskId, artifactId: id, sizeBytes, sha256 };
    await record(tx, {
      action: "artifact.stored",
      actor: { kind: "system" },
      sessionId,
      target: name,
      details,
    });
  });
}

/** The conversation's entries of this task, one JSON a line. */
async function* transcript(chat: Chat, task: TaskOutcome): AsyncGenerator<string> {
  let after = task.afterSeq;
  for (let more = true; more; ) {
    const page = await entriesAfter(chat, task.sessionId, task.conversationId, after);
    for (const entry of page.entries) yield `${JSON.stringify(entry)}\n`;
    after = page.entries.at(-1)?.seq ?? after;
    more = page.more && page.entries.length > 0;
  }
}

/** Keeps the transcript of a task. */
export async function keepTranscript(chat: Chat, task: TaskOutcome): Promise<void> {
  await keep(chat, task, {
    kind: "transcript",
    name: "transcript.jsonl",
    contentType: "application/x-ndjson",
    body: Readable.from(transcript(chat, task)),
  });
}

/** The workspace as it is, to make a patch against later; null where there is no git. */
export async function takeSnapshot({ context }: Chat, sessionId: string): Promise<string | null> {
  const options = { timeoutMs: 120_000 };
  return (await context.agents.request(sessionId, "workspace.snapshot", {}, options)).snapshot;
}

/** Keeps what changed since the snapshot as a patch; nothing when nothing did. */
export async function keepPatch(chat: Chat, task: TaskOutcome, from: string | null): Promise<void> {
  const to = await takeSnapshot(chat, task.sessionId);
  if (from === null || to === null || from === to) return;
  const { body } = await chat.context.agents.readPatch(task.sessionId, { from, to });
  await keep(chat, task, { kind: "patch", name: "changes.patch", contentType: "text/x-diff", body });
}
