import { buffer } from "node:stream/consumers";
import type { Prisma, Recording as Row } from "@remote-claude/prisma";
import { AppError, type Recording, RecordingEnd } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { castHeader } from "./cast.ts";
import { chunkOf, sealerOf } from "./store.ts";

export function present(row: Row): Recording {
  return {
    id: row.id,
    sessionId: row.sessionId,
    sessionName: row.sessionName,
    terminalId: row.terminalId,
    title: row.title,
    cols: row.cols,
    rows: row.rows,
    startedAt: row.startedAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    endReason: row.endReason === null ? null : RecordingEnd.parse(row.endReason),
    sizeBytes: Number(row.sizeBytes),
    gapBytes: Number(row.gapBytes),
    hasInput: row.hasInput,
  };
}

export interface Wanted {
  readonly sessionId?: string | undefined;
  readonly terminalId?: string | undefined;
  readonly at?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

export async function listRecordings(
  { db }: Context,
  { sessionId, terminalId, at, before, limit }: Wanted,
): Promise<{ recordings: Recording[]; more: boolean }> {
  const where: Prisma.RecordingWhereInput = {
    ...(sessionId !== undefined && { sessionId }),
    ...(terminalId !== undefined && { terminalId }),
    ...(before !== undefined && { id: { lt: before } }),
    ...(at !== undefined && {
      startedAt: { lte: new Date(at) },
      OR: [{ endedAt: null }, { endedAt: { gte: new Date(at) } }],
    }),
  };
  const rows = await db.recording.findMany({ where, orderBy: { id: "desc" }, take: limit + 1 });
  return { recordings: rows.slice(0, limit).map(present), more: rows.length > limit };
}

export async function getRecording({ db }: Context, id: string): Promise<Row> {
  const row = await db.recording.findUnique({ where: { id } });
  if (row === null) throw new AppError("not_found", "There is no such recording.");
  return row;
}

/** Opens a recording for somebody, which is on record before the first byte leaves. */
export async function openRecording(
  context: Context,
  principal: Principal,
  recordingId: string,
): Promise<{ recording: Row; cast: AsyncIterable<string> }> {
  const recording = await getRecording(context, recordingId);
  await record(context.db, {
    action: "recording.viewed",
    actor: principal,
    sessionId: recording.sessionId,
    target: recording.title,
    details: { recordingId, terminalId: recording.terminalId },
  });
  return { recording, cast: castOf(context, recording) };
}

/** So many chunks are fetched at a time, and in memory. */
const atOnce = 16;

/** Some chunks at a time: a long recording has tens of thousands. */
async function* castOf(context: Context, recording: Row): AsyncGenerator<string> {
  const sealer = sealerOf(context);
  yield castHeader(recording);
  for (let from = 0; from < recording.chunks; from += atOnce) {
    const to = Math.min(from + atOnce, recording.chunks);
    const chunks = await context.db.recordingChunk.findMany({
      where: { recordingId: recording.id, number: { gte: from, lt: to } },
      orderBy: { number: "asc" },
    });
    if (chunks.length < to - from) throw new AppError("not_found", "This recording was removed meanwhile.");
    yield* await Promise.all(
      chunks.map(async ({ storageKey, keyId, number }) => {
        const { body } = await context.storage.get(storageKey);
        return sealer.open({ bytes: await buffer(body), keyId }, chunkOf(recording.id, number));
      }),
    );
  }
}
