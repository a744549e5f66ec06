import { Readable } from "node:stream";
import { downloadRecording, getRecording, listRecordings } from "@remote-claude/protocol";
import { implement, sent } from "../http/implement.ts";
import { describeDownload, sendBody } from "../http/send-body.ts";
import * as service from "./service.ts";

export const recordingRoutes = {
  listRecordings: implement(listRecordings, ({ context, query }) => service.listRecordings(context, query)),

  getRecording: implement(getRecording, async ({ context, params }) => ({
    recording: service.present(await service.getRecording(context, params.recordingId)),
  })),

  downloadRecording: implement(
    downloadRecording,
    async ({ context, principal, params, response }): Promise<typeof sent> => {
      const { recording, cast } = await service.openRecording(context, principal, params.recordingId);
      describeDownload(response, `${recording.startedAt.toISOString().slice(0, 19)}-${recording.id}.cast`);
      await sendBody(response, Readable.from(cast));
      return sent;
    },
  ),
};
