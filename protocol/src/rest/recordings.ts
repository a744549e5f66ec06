import * as z from "zod";
import { Id, Time } from "../ids.ts";
import { route } from "./route.ts";

/** Why nothing is added any more: all of it is there, it grew too large, recording was switched off, or the session went. */
export const RecordingEnd = z.enum(["closed", "limit", "switched-off", "session-ended"]);
export type RecordingEnd = z.infer<typeof RecordingEnd>;

/** What a terminal showed, from its beginning. */
export const Recording = z.object({
  id: Id,
  sessionId: Id,
  sessionName: z.string(),
  terminalId: Id,
  title: z.string(),
  /** The size it had first. */
  cols: z.int().positive(),
  rows: z.int().positive(),
  startedAt: Time,
  /** Of the last thing that is recorded. */
  lastAt: Time,
  /** null: it goes on. */
  endedAt: Time.nullable(),
  endReason: RecordingEnd.nullable(),
  /** As a file. */
  sizeBytes: z.int().nonnegative(),
  /** Bytes of output that came faster than they could be recorded, or while nobody could; the recording says where. */
  gapBytes: z.int().nonnegative(),
  hasInput: z.boolean(),
});
export type Recording = z.infer<typeof Recording>;

export const listRecordings = route({
  method: "GET",
  path: "/api/recordings",
  summary: "Recordings of terminals, newest first: of a session, of a terminal, or of all",
  needs: "audit.view",
  scope: "audit:read",
  query: z.object({
    sessionId: Id.optional(),
    terminalId: Id.optional(),
    /** Only those that were going on at this moment. */
    at: Time.optional(),
    /** The `id` of the last one of the page before. */
    before: Id.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  reply: z.object({ recordings: z.array(Recording), more: z.boolean() }),
});

export const getRecording = route({
  method: "GET",
  path: "/api/recordings/{recordingId}",
  summary: "What is known of a recording, without what it shows",
  needs: "audit.view",
  scope: "audit:read",
  params: z.object({ recordingId: Id }),
  reply: z.object({ recording: Recording }),
  errors: ["not_found"],
});

export const downloadRecording = route({
  method: "GET",
  path: "/api/recordings/{recordingId}/cast",
  summary: "A recording as a file (asciicast v2), as far as it goes; that somebody looked is on record",
  needs: "audit.view",
  scope: "audit:read",
  params: z.object({ recordingId: Id }),
  answers: "application/octet-stream",
  errors: ["not_found"],
});
