import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Isolation, Place, type PlaceId, type PlaceStats, Time } from "@remote-claude/protocol";
import { z } from "zod";

/**
 * `place.json`: all that the local runtime knows of a place. It lies beside workspace and home, where the session
 * cannot see it, and is replaced as a whole.
 */
export const PlaceRecord = z.object({
  placeId: Place.shape.placeId,
  template: z.string(),
  state: Place.shape.state,
  isolation: Isolation,
  limits: z.object({ memoryMb: z.number(), cpus: z.number(), diskMb: z.number(), pids: z.number() }),
  /** The first process of the place: a shell that waits for the sandbox. */
  process: z.object({ pid: z.int().positive(), startTime: z.string(), bootId: z.string() }).nullable(),
  /** Which host user workspace and home belong to; null: the account that runs session-manager. */
  ownerId: z.int().nonnegative().nullable(),
  exit: Place.shape.exit,
  startedAt: Time.nullable(),
  /** Made ahead of need, and claimed by nobody. */
  warm: z.boolean().default(false),
});
export type PlaceRecord = z.infer<typeof PlaceRecord>;

const fileName = "place.json";

/** null when there is none, or none that can be understood. */
export function readRecord(placeDirectory: string): PlaceRecord | null {
  try {
    const result = PlaceRecord.safeParse(JSON.parse(readFileSync(join(placeDirectory, fileName), "utf8")));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}

export function writeRecord(placeDirectory: string, record: PlaceRecord): void {
  const path = join(placeDirectory, fileName);
  mkdirSync(placeDirectory, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Of a place whose record was lost: enough to start it again, or to remove it. */
export function recordOfUnknown(placeId: PlaceId): PlaceRecord {
  return {
    placeId,
    template: "default",
    state: "lost",
    isolation: "none",
    limits: { memoryMb: 0, cpus: 0, diskMb: 0, pids: 0 },
    process: null,
    ownerId: null,
    exit: { reason: "unknown", code: null },
    startedAt: null,
    warm: false,
  };
}

export function presentRecord(record: PlaceRecord, stats: PlaceStats | null): Place {
  const { placeId, template, isolation, state, exit, startedAt, warm } = record;
  return { placeId, template, runtime: "local", isolation, state, exit, startedAt, stats, warm };
}
