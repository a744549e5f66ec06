import { record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { prefixOf } from "./store.ts";

const everyMs = 60_000;
const dayMs = 86_400_000;
const atOnce = 100;

/** Removes recordings that are older than the organisation keeps them, until the returned function is called. */
export function keepRetiring(context: Context): () => void {
  const round = () => {
    Promise.all([retireRecordings(context), endWithSessions(context)]).catch((error: unknown) =>
      context.log.warn({ err: error }, "old recordings are not removed"),
    );
  };
  round();
  const timer = setInterval(round, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** A stopped session has no terminals any more, and nobody is connected who would say so. */
export async function endWithSessions({ db }: Pick<Context, "db">): Promise<void> {
  await db.$executeRaw`
    update recordings set ended_at = last_at, end_reason = 'session-ended'
    where ended_at is null and not exists (
      select from sessions where sessions.id = recordings.session_id and state not in ('stopped', 'failed'))`;
}

/** Objects first: an object without a row would lie there for ever, a row without its objects goes with the next round. */
export async function retireRecordings({
  config,
  db,
  storage,
  clock,
}: Pick<Context, "config" | "db" | "storage" | "clock">): Promise<number> {
  const { retentionDays } = config.recordings;
  if (retentionDays === 0) return 0;
  const lastAt = { lt: new Date(clock.now().getTime() - retentionDays * dayMs) };
  const old = await db.recording.findMany({ where: { lastAt }, take: atOnce, orderBy: { lastAt: "asc" } });
  let removed = 0;
  for (const { id, sessionId, terminalId, startedAt, title } of old) {
    for await (const key of storage.keys(prefixOf(id))) await storage.delete(key);
    removed += await db.$transaction(async (transaction) => {
      const { count } = await transaction.recording.deleteMany({ where: { id, lastAt } });
      if (count === 0) return 0;
      const details = { recordingId: id, terminalId, startedAt, retentionDays };
      const actor = { kind: "system" } as const;
      await record(transaction, { action: "recording.removed", actor, sessionId, target: title, details });
      return count;
    });
  }
  return removed;
}
