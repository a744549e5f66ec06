import type { Prisma } from "@remote-claude/prisma";
import type { Artifact, Task } from "@remote-claude/protocol";

export const withArtifacts = {
  artifacts: { orderBy: { createdAt: "asc" } },
} as const satisfies Prisma.TaskInclude;
type TaskRow = Prisma.TaskGetPayload<{ include: typeof withArtifacts }>;

export function presentArtifact(row: TaskRow["artifacts"][number]): Artifact {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    contentType: row.contentType,
    sizeBytes: Number(row.sizeBytes),
    sha256: row.sha256,
    createdAt: row.createdAt.toISOString(),
  };
}

export function presentTask(row: TaskRow): Task {
  return {
    id: row.id,
    sessionId: row.sessionId,
    conversationId: row.conversationId,
    prompt: row.prompt,
    state: row.state,
    result: row.result,
    costUsd: row.costUsd.toNumber(),
    attempts: row.attempts,
    artifacts: row.artifacts.map(presentArtifact),
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}
