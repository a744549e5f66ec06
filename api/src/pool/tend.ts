import type { Transaction } from "@remote-claude/prisma";
import type { Context } from "../context.ts";
import { randomPlaceId } from "../lib/secrets.ts";
import { recipeOf, warmCount, warmRequest } from "./recipe.ts";

/** One that stands for longer is replaced: nothing that runs is young for ever. */
const maxAgeMs = 6 * 3_600_000;
/** Who had not started one by then has ended meanwhile. */
const startsWithinMs = 4 * 60_000;
/** A session that has been on its way for longer is filled, not started. */
const busyMs = 20_000;
/** Held by the api that decides. Any number that no other lock of ours has. */
export const poolLock = 7_361_982_401n;

interface Unclaimed {
  readonly id: string;
  readonly template: string;
  readonly state: string;
  readonly madeFrom: string | null;
  readonly createdAt: Date;
}

/** What this api remembers of the pool; all that matters is in Postgres. */
export interface Tending {
  /** Places that this api is starting. */
  readonly starting: Set<string>;
  /** Templates that did not start, and when they are tried again. */
  readonly failed: Map<string, { until: number; delayMs: number }>;
  readonly signal: AbortSignal;
}

interface Plan {
  /** Nobody can claim these any more. */
  readonly remove: readonly string[];
  /** A row that was added, to be started. */
  readonly start: { id: string; template: string } | null;
}

/**
 * One look at the pool: what is dead, outdated, too old or too many goes, and one place that is missing is started.
 * Apis decide one at a time, by rows that are there before anything is started, so that they never make too many.
 * True: look again, there may be more to do. Throws when session-manager or the database does not answer.
 */
export async function tendOnce(context: Context, tending: Tending): Promise<boolean> {
  const rows = await context.db.place.findMany({
    where: { sessionId: null },
    select: { id: true, state: true },
  });
  const isWanted = [...context.config.templates.keys()].some((name) => warmCount(context.config, name) > 0);
  if (rows.length === 0 && !isWanted) return false;
  const unfit = await findUnfit(context, rows);
  const plan = await context.db.$transaction(async (transaction) => {
    const [lock] = await transaction.$queryRaw<{ held: boolean }[]>`
      select pg_try_advisory_xact_lock(${poolLock}) as held`;
    return lock?.held === true ? decide(context, transaction, tending, unfit) : null;
  });
  if (plan === null) return false;
  try {
    for (const id of plan.remove) await remove(context, id);
  } catch (error) {
    // What was to be started by us is not: it must not stand for one that comes.
    if (plan.start !== null) await giveUp(context, tending, plan.start.id);
    throw error;
  }
  return plan.start !== null && (await start(context, tending, plan.start));
}

/** Ready by their rows, but not as session-manager sees them. */
async function findUnfit(
  context: Context,
  rows: readonly { id: string; state: string }[],
): Promise<ReadonlySet<string>> {
  const unfit = new Set<string>();
  for (const { id, state } of rows) {
    if (state !== "running") continue;
    const place = await context.manager.find(id);
    if (place?.state !== "running" || place.outdated === true) unfit.add(id);
  }
  return unfit;
}

async function decide(
  context: Context,
  transaction: Transaction,
  tending: Tending,
  unfit: ReadonlySet<string>,
): Promise<Plan> {
  const { config, clock } = context;
  const now = clock.now();
  const places: readonly Unclaimed[] = await transaction.place.findMany({
    where: { sessionId: null, removedAt: null },
    orderBy: { createdAt: "desc" },
  });
  const kept = new Map<string, number>();
  const unwanted = places.filter((place) => {
    const count = kept.get(place.template) ?? 0;
    if (unfit.has(place.id) || isStale(context, tending, place) || count >= warmCount(config, place.template))
      return true;
    kept.set(place.template, count + 1);
    return false;
  });
  // By compare-and-set: one that has been claimed meanwhile is a session's.
  await transaction.place.updateMany({
    where: { id: { in: unwanted.map(({ id }) => id) }, sessionId: null, removedAt: null },
    data: { removedAt: now },
  });
  const removed = await transaction.place.findMany({
    where: { sessionId: null, removedAt: { not: null } },
    select: { id: true },
  });
  const template = [...config.templates.keys()].find(
    (name) =>
      (kept.get(name) ?? 0) < warmCount(config, name) &&
      (tending.failed.get(name)?.until ?? 0) <= now.getTime(),
  );
  const remove = removed.map(({ id }) => id);
  if (template === undefined || (await isBusy(transaction, now))) return { remove, start: null };
  const id = randomPlaceId();
  await transaction.place.create({
    data: { id, template, madeFrom: recipeOf(config, template), createdAt: now },
  });
  tending.starting.add(id);
  return { remove, start: { id, template } };
}

function isStale({ config, clock }: Context, { starting }: Tending, place: Unclaimed): boolean {
  const ageMs = clock.now().getTime() - place.createdAt.getTime();
  if (place.madeFrom !== recipeOf(config, place.template) || ageMs > maxAgeMs) return true;
  if (place.state === "running") return false;
  // The only api of an installation need not wait to know that nobody else is at it.
  const isOthers = config.redisUrl !== null && ageMs < startsWithinMs;
  return place.state !== "starting" || !(starting.has(place.id) || isOthers);
}

/** Somebody waits for a session: what is left of the machine is theirs. */
async function isBusy(transaction: Transaction, now: Date): Promise<boolean> {
  const since = new Date(now.getTime() - busyMs);
  const count = await transaction.session.count({
    where: { state: { in: ["creating", "starting"] }, deletedAt: null, stateChangedAt: { gt: since } },
  });
  return count > 0;
}

async function giveUp({ db, clock }: Context, { starting }: Tending, id: string): Promise<void> {
  starting.delete(id);
  await db.place.updateMany({
    where: { id, sessionId: null, removedAt: null },
    data: { removedAt: clock.now() },
  });
}

/** The row goes last: as long as it is there, the removal is tried again. */
async function remove(context: Context, id: string): Promise<void> {
  await context.manager.remove(id);
  await context.db.place.deleteMany({ where: { id, sessionId: null } });
}

async function start(
  context: Context,
  tending: Tending,
  { id, template }: { id: string; template: string },
): Promise<boolean> {
  const { config, db, log, manager, clock } = context;
  const unclaimed = { id, sessionId: null, removedAt: null };
  try {
    await manager.ensure(id, warmRequest(config, id, template), tending.signal);
    await db.place.updateMany({ where: unclaimed, data: { state: "running" } });
    tending.failed.delete(template);
    return true;
  } catch (error) {
    // An api that ends leaves the row: the next one clears it away.
    if (tending.signal.aborted) throw error;
    const delayMs = Math.min((tending.failed.get(template)?.delayMs ?? 15_000) * 2, 15 * 60_000);
    tending.failed.set(template, { until: clock.now().getTime() + delayMs, delayMs });
    log.warn({ err: error, template, tryAgainInMs: delayMs }, "no place could be started ahead of need");
    await giveUp(context, tending, id);
    return true;
  } finally {
    tending.starting.delete(id);
  }
}
