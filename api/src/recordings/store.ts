import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { newId, type Recording } from "@remote-claude/prisma";
import { createSealer, type Sealer } from "@remote-claude/prisma/sealing";
import type { RecordedTerminal, RecordingEnd } from "@remote-claude/protocol";
import type { Context } from "../context.ts";
import { holdsLease, type Lease } from "../recorder/index.ts";
import type { CastPart } from "./cast.ts";

/** Another api records by now, or the recording is gone. */
export class NotOurs extends Error {}

export const sealerOf = ({ config }: Pick<Context, "config">): Sealer => createSealer(config.recordings.keys);

/** To what a chunk belongs: moved to another place it does not open. */
export const chunkOf = (recordingId: string, number: number) => ["recordings", recordingId, String(number)];

export const prefixOf = (recordingId: string) => `recordings/${recordingId}/`;

export async function ensureRecording(
  { db }: Context,
  sessionId: string,
  { terminalId, title, cols, rows, createdAt }: RecordedTerminal,
): Promise<Recording> {
  const where = { sessionId_terminalId: { sessionId, terminalId } };
  const known = await db.recording.findUnique({ where });
  if (known?.endReason === "switched-off") {
    return db.recording.update({ where, data: { endedAt: null, endReason: null } });
  }
  if (known !== null) return known;
  const session = await db.session.findUniqueOrThrow({ where: { id: sessionId }, select: { name: true } });
  // The agent says when; a clock that is far off would put the recording where nobody finds it.
  const said = new Date(createdAt);
  const startedAt = Math.abs(Date.now() - said.getTime()) < 366 * 86_400_000 ? said : new Date();
  await db.recording.createMany({
    data: [
      { sessionId, sessionName: session.name, terminalId, title, cols, rows, startedAt, lastAt: startedAt },
    ],
    skipDuplicates: true,
  });
  return db.recording.findUniqueOrThrow({ where });
}

/**
 * Stores one part: first the sealed object, under a name that nobody else uses, then the row that names it, if the
 * recording is where we believe and the lease is still ours. An object whose row did not come to be is never read.
 */
export async function storePart(
  context: Context,
  lease: Lease,
  recording: Recording,
  part: CastPart,
  end: RecordingEnd | null,
): Promise<Recording> {
  const { db, storage } = context;
  const number = recording.chunks;
  let chunk: { storageKey: string; keyId: string; sizeBytes: number } | null = null;
  if (part.text !== "") {
    const sealed = sealerOf(context).seal(part.text, chunkOf(recording.id, number));
    const storageKey = `${prefixOf(recording.id)}${number}-${randomUUID()}`;
    await storage.put(storageKey, Readable.from([sealed.bytes]), { contentType: "application/octet-stream" });
    chunk = { storageKey, keyId: sealed.keyId, sizeBytes: Buffer.byteLength(part.text) };
  }
  return db.$transaction(async (transaction) => {
    if (!(await holdsLease(transaction, lease.placeId, lease.fence))) throw new NotOurs();
    const changed = await transaction.recording.updateMany({
      where: {
        id: recording.id,
        chunks: number,
        toOffset: recording.toOffset,
        toEvent: recording.toEvent,
        endedAt: null,
      },
      data: {
        toOffset: part.toOffset,
        toEvent: part.toEvent,
        gapBytes: { increment: part.gapBytes },
        ...(part.lastAt !== null && { lastAt: new Date(part.lastAt) }),
        ...(part.hasInput && { hasInput: true }),
        ...(chunk !== null && { chunks: number + 1, sizeBytes: { increment: chunk.sizeBytes } }),
        ...(end !== null && { endedAt: context.clock.now(), endReason: end }),
      },
    });
    if (changed.count === 0) throw new NotOurs();
    if (chunk !== null) {
      const { fromOffset, toOffset } = part;
      await transaction.recordingChunk.create({
        data: { recordingId: recording.id, number, fromOffset, toOffset, ...chunk },
      });
    }
    return transaction.recording.findUniqueOrThrow({ where: { id: recording.id } });
  });
}

/** The recordings of this session that nobody adds to any more: their terminals were gone at `askedAt`. */
export async function endOthers(
  { db, clock }: Context,
  sessionId: string,
  open: readonly string[],
  reason: RecordingEnd,
  askedAt: number,
): Promise<void> {
  await db.recording.updateMany({
    // One that was begun since is of a terminal that was opened since.
    where: { sessionId, endedAt: null, terminalId: { notIn: [...open] }, id: { lt: newId(askedAt) } },
    data: { endedAt: clock.now(), endReason: reason },
  });
}
