import {
  cancelTask as cancelTaskRoute,
  createTask as createTaskRoute,
  downloadArtifact,
  getTask as getTaskRoute,
  listTasks as listTasksRoute,
} from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { implement, sent } from "../http/implement.ts";
import { describeDownload, sendBody } from "../http/send-body.ts";
import type { TaskQueue } from "./queue.ts";
import { cancelTask, createTask, getTask, listTasks, openArtifact } from "./service.ts";

/** REST routes of background tasks and what they left behind. */
export function taskRoutes(queue: TaskQueue) {
  return {
    createTask: implement(createTaskRoute, async ({ context, principal, params, body }) => ({
      task: await createTask(context, queue, principal, params.sessionId, body),
    })),
    listTasks: implement(listTasksRoute, async ({ context, params }) => ({
      tasks: await listTasks(context, params.sessionId),
    })),
    getTask: implement(getTaskRoute, async ({ context, params }) => ({
      task: await getTask(context, params.sessionId, params.taskId),
    })),
    cancelTask: implement(cancelTaskRoute, async ({ context, principal, params }) => ({
      task: await cancelTask(context, queue, principal, params.sessionId, params.taskId),
    })),
    downloadArtifact: implement(
      downloadArtifact,
      async ({ context, principal, params, response }): Promise<typeof sent> => {
        const { sessionId, artifactId } = params;
        const { row, body } = await openArtifact(context, sessionId, artifactId);
        const details = { artifactId, sha256: row.sha256 };
        await record(context.db, {
          action: "artifact.downloaded",
          actor: principal,
          sessionId,
          target: row.name,
          details,
        });
        describeDownload(response, row.name);
        response.set("Content-Length", String(row.sizeBytes));
        await sendBody(response, body);
        return sent;
      },
    ),
  };
}
