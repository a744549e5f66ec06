import { record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { announceSession } from "./announce.ts";

const lookEveryMs = 10 * 60_000;
/** A list of places may be short of one for a moment, while session-manager finds its own again. */
const missingAfterMs = 15 * 60_000;

export const placeMissing =
  "The files of this session are no longer on this server. Resumed, it begins with an empty workspace.";

/** What an api remembers between two looks; forgotten with it, so that every wait begins anew. */
export interface StrayMemory {
  /** Places that no row names, and since when. */
  readonly unknown: Map<string, number>;
  /** Sessions whose place is not there, and since when. */
  readonly missing: Map<string, number>;
}

interface PlaceRow {
  readonly placeId: string;
  readonly sessionId: string | null;
  /** A session that stands still and has had a workspace. */
  readonly rests: boolean;
}

/**
 * Looks, now and then, for places that no session has and for sessions that have no place: after a restore of only
 * one of the two, or whatever else went wrong half-way. Returns how to stop it.
 */
export function watchStrays(context: Context): () => void {
  const memory: StrayMemory = { unknown: new Map(), missing: new Map() };
  const { all } = context.metrics;
  all.gauge("remote_claude_places_unknown", "Places that no session has.", () => [[{}, memory.unknown.size]]);
  all.gauge("remote_claude_sessions_without_place", "Sessions at rest whose files are not there.", () => [
    [{}, memory.missing.size],
  ]);
  const timer = setInterval(() => {
    lookForStrays(context, memory).catch((error) =>
      context.log.warn({ err: error }, "places and sessions were not compared"),
    );
  }, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** One look. What it is about to do it says in the log first, a grace period ahead. */
export async function lookForStrays(context: Context, memory: StrayMemory): Promise<void> {
  // Places first: one that is made in between has its row by then.
  const listed = new Set((await context.manager.list()).map(({ placeId }) => placeId));
  const rows = await context.db.$queryRaw<PlaceRow[]>`
    select p.id as "placeId", p.session_id::text as "sessionId",
      coalesce(s.deleted_at is null and s.prepared and s.state in ('stopped', 'failed'), false) as rests
    from places p left join sessions s on s.id = p.session_id where p.removed_at is null`;
  const known = new Set(rows.map(({ placeId }) => placeId));
  await dealWithUnknown(
    context,
    memory.unknown,
    [...listed].filter((placeId) => !known.has(placeId)),
    [...listed].filter((placeId) => known.has(placeId)).length,
  );
  const missing = rows.filter(({ placeId, rests }) => rests && !listed.has(placeId));
  await tellOfMissing(
    context,
    memory.missing,
    missing.flatMap(({ sessionId }) => sessionId ?? []),
  );
}

/** Notes since when each is so, forgets those that are so no longer, and answers those that have been so for long. */
function since(
  memory: Map<string, number>,
  present: readonly string[],
  now: number,
  afterMs: number,
): { readonly fresh: string[]; readonly due: string[] } {
  for (const id of memory.keys()) if (!present.includes(id)) memory.delete(id);
  const fresh = present.filter((id) => !memory.has(id));
  for (const id of fresh) memory.set(id, now);
  return { fresh, due: present.filter((id) => now - (memory.get(id) ?? now) >= afterMs) };
}

async function dealWithUnknown(
  context: Context,
  memory: Map<string, number>,
  unknown: readonly string[],
  knownCount: number,
): Promise<void> {
  const { clock, log, config } = context;
  const { fresh, due } = since(memory, unknown, clock.now().getTime(), config.strayGraceMs);
  const hours = config.strayGraceMs / 3_600_000;
  if (fresh.length > 0) {
    const fate = hours === 0 ? "they stay" : `they are removed after ${hours} hours`;
    log.warn({ places: fresh }, `places that no session has: ${fate}`);
  }
  if (hours === 0 || due.length === 0) return;
  // Then it is more likely that this is not the database they belong to.
  if (unknown.length > knownCount) {
    log.error(
      { unknown: unknown.length, known: knownCount },
      "most places are unknown here: none is removed",
    );
    return;
  }
  for (const placeId of due) await removeUnknown(context, placeId);
}

async function removeUnknown(context: Context, placeId: string): Promise<void> {
  // The last word: somebody may have put the row back meanwhile.
  if ((await context.db.place.count({ where: { id: placeId, removedAt: null } })) > 0) return;
  await context.manager.remove(placeId);
  context.log.warn({ placeId }, "a place that no session has was removed");
  await record(context.db, { action: "place.removed", actor: { kind: "system" }, target: placeId });
}

async function tellOfMissing(
  context: Context,
  memory: Map<string, number>,
  missing: readonly string[],
): Promise<void> {
  const { due } = since(memory, missing, context.clock.now().getTime(), missingAfterMs);
  for (const sessionId of due) {
    const { count } = await context.db.session.updateMany({
      where: {
        id: sessionId,
        state: { in: ["stopped", "failed"] },
        OR: [{ stateMessage: null }, { stateMessage: { not: placeMissing } }],
      },
      data: { stateMessage: placeMissing },
    });
    if (count === 0) continue;
    context.log.error({ sessionId }, "the place of a session is not there");
    announceSession(context, sessionId);
  }
}
