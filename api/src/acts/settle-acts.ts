import type { ActOutcome } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { eachSecond } from "../lib/each-second.ts";
import { type ActEntry, type Held, settle, underWay } from "./acts.ts";

/** An api that has not been heard of for so long is gone. */
const goneAfterMs = 20_000;
const heartbeatEveryMs = 5_000;
/** A session that does not answer for so long is not waited for: the record says that nobody knows. */
const waitMs = 60_000;
const maxAtOnce = 1000;
/** Of one session, and what `act.outcomes` takes: none keeps the others waiting. */
const maxOfSession = 100;
/** No act takes longer: from then on "running" is only what the session says. */
const longestActMs = 15 * 60_000;
const askMs = 5_000;

interface Intent extends Held {
  readonly sessionId: string;
  readonly entry: ActEntry;
  readonly recorded: boolean;
  readonly waitedMs: number;
}

/**
 * Sees to it that acts whose api was killed, or whose session did not answer, are on record as they ended. Returns
 * the end of it.
 */
export async function keepSettling(context: Context): Promise<() => void> {
  const { config, db, clock } = context;
  const since = new Map<string, number>();
  // Without Redis there is no other api through which they could go.
  if (config.redisUrl === null) await db.auditIntent.updateMany({ data: { heartbeatAt: new Date(0) } });
  let beatAt = 0;
  // By itself: a session that is slow to answer must not make this api look gone.
  const endBeating = eachSecond(context, async () => {
    const acts = underWay(context);
    if (acts.size === 0 || performance.now() - beatAt <= heartbeatEveryMs) return;
    await db.$executeRaw`update audit_intents set heartbeat_at = now()
      where id = any(${[...acts.keys()]}::uuid[]) and holder = any(${[...acts.values()]})`;
    beatAt = performance.now();
  });
  const endSettling = eachSecond(context, async () => {
    const acts = underWay(context);
    const orphans = await db.$queryRaw<Omit<Intent, "waitedMs">[]>`
      select id::text as id, holder as hold, session_id::text as "sessionId", entry, recorded from (
        select *, row_number() over (partition by session_id order by id) as place from audit_intents
        where heartbeat_at < now() - make_interval(secs => ${goneAfterMs / 1000})) as orphan
      where place <= ${maxOfSession} order by place, id limit ${maxAtOnce}`;
    const now = clock.now().getTime();
    for (const id of since.keys()) if (!orphans.some((orphan) => orphan.id === id)) since.delete(id);
    const waiting = orphans
      .filter(({ id }) => !acts.has(id))
      .map((orphan) => {
        if (!since.has(orphan.id)) since.set(orphan.id, now);
        return { ...orphan, waitedMs: now - (since.get(orphan.id) ?? now) };
      });
    const bySession = Map.groupBy(waiting, ({ sessionId }) => sessionId);
    await Promise.all(
      [...bySession].map(([sessionId, intents]) => settleSession(context, sessionId, intents)),
    );
  });
  return () => {
    endBeating();
    endSettling();
  };
}

async function settleSession(context: Context, sessionId: string, intents: readonly Intent[]): Promise<void> {
  const outcomes = await ask(
    context,
    sessionId,
    intents.map(({ id }) => id),
  );
  for (const intent of intents) {
    const outcome = outcomes?.get(intent.id) ?? null;
    if (outcome === "running" && intent.waitedMs < longestActMs) continue;
    if (outcome === null && intent.waitedMs < waitMs) continue;
    await settle(context, intent, (transaction) =>
      recordOutcome(transaction, intent, outcome === null || outcome === "running" ? "unknown" : outcome),
    );
  }
}

/** null: the session does not answer. An agent of an earlier release knows no numbers: nobody will ever know. */
async function ask(
  { agents, log }: Context,
  sessionId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ActOutcome> | null> {
  if (agents.info(sessionId) === null) return null;
  try {
    const { outcomes } = await agents.request(
      sessionId,
      "act.outcomes",
      { ids: [...ids] },
      { timeoutMs: askMs },
    );
    return new Map(outcomes.map(({ id, outcome }) => [id, outcome]));
  } catch (error) {
    if ((error as { code?: unknown }).code === "bad_request")
      return new Map(ids.map((id) => [id, "unknown"]));
    log.debug({ err: error, sessionId }, "the session was not asked how acts ended");
    return null;
  }
}

async function recordOutcome(
  transaction: Parameters<typeof record>[0],
  { entry, recorded }: Intent,
  outcome: ActOutcome,
): Promise<void> {
  const details = { ...entry.details, settledLater: true };
  if (outcome === "unknown") {
    // Not success, since nobody can vouch for it; and no silence either.
    await record(transaction, { ...entry, result: "failed", details: { ...details, outcome: "unknown" } });
  } else if (outcome === "done" ? !recorded : recorded) {
    await record(transaction, { ...entry, details, ...(outcome !== "done" && { result: "failed" }) });
  }
}
