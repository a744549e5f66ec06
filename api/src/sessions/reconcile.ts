import type { Place, StopReason } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, SessionRecord } from "../context.ts";
import { tendSoon } from "../pool/index.ts";
import { announceSession } from "./announce.ts";
import { deleteOrphans } from "./by-admin.ts";
import { failSession, launchInBackground } from "./launch.ts";
import { pauseInBackground } from "./pause.ts";
import { findRecord, listUnsettled } from "./queries.ts";
import { removeInBackground } from "./remove.ts";
import { sessionQueueOf } from "./session-queue.ts";
import { changeState } from "./state.ts";
import { stopInBackground } from "./stop.ts";

const sweepMs = 15_000;

/** How a place ended that should run, and what a person is told of it. */
const endings = {
  "out-of-memory": ["out-of-memory", "The session ran out of memory and was ended."],
  "disk-full": ["disk-full", "The session's disk was full and it was ended."],
  exited: ["agent-lost", "The session ended unexpectedly."],
  unknown: ["agent-lost", "The session was lost."],
} as const satisfies Record<string, readonly [StopReason, string]>;

/**
 * Brings rows and places together again: once when the api starts, whenever the manager's stream begins, and for
 * each place that changes. Work that was half done when an api ended goes on. Returns how to stop it.
 */
export function watchPlaces(context: Context): () => void {
  const attempt = (work: () => Promise<void>, what: string) => {
    work().catch((error) => context.log.warn({ err: error }, `${what} failed; it is tried again`));
  };
  attempt(() => adoptRunning(context), "reaching running sessions");
  const unwatch = context.manager.watch({
    onConnect: () => attempt(() => reconcile(context), "comparing sessions with places"),
    onPlace: (place) => attempt(() => onPlace(context, place), "following a place"),
  });
  const sweep = setInterval(() => attempt(() => sweepOnce(context), "the sweep"), sweepMs);
  sweep.unref();
  return () => {
    clearInterval(sweep);
    unwatch();
  };
}

/** Connects to what ran when the last api ended, at once: that needs no manager. */
async function adoptRunning(context: Context): Promise<void> {
  for (const session of await listUnsettled(context.db)) {
    if (session.state === "running" && session.placeId !== null)
      context.agents.attach(session.id, session.placeId);
  }
}

/** Compares every row with every place. */
export async function reconcile(context: Context): Promise<void> {
  // Rows first: a session that began to run in between has its place by the time places are listed.
  const sessions = await listUnsettled(context.db);
  const places = new Map((await context.manager.list()).map((place) => [place.placeId, place]));
  for (const session of sessions) {
    if (!isUp(session)) continue;
    const place = session.placeId === null ? undefined : places.get(session.placeId);
    if (place === undefined || hasEnded(place)) await settleEnded(context, session, place);
    else if (session.state === "running") context.agents.attach(session.id, place.placeId);
  }
  await continueHalfDone(context, sessions);
}

/** What is looked at from time to time, whether or not the manager says anything. */
export async function sweepOnce(context: Context): Promise<void> {
  await deleteOrphans(context);
  await continueHalfDone(context);
}

/** Goes on with whatever is on its way somewhere and nobody is at work on. */
async function continueHalfDone(context: Context, known?: readonly SessionRecord[]): Promise<void> {
  const queue = sessionQueueOf(context);
  const sessions = known ?? (await listUnsettled(context.db));
  for (const { id, state, placeId } of known === undefined ? sessions : []) {
    // Another api started it, and Redis was away; or it is attached already.
    if (state === "running" && placeId !== null && !queue.isBusy(id)) context.agents.attach(id, placeId);
  }
  for (const session of sessions) {
    if (session.state === "running" || isFrozen(session)) continue;
    if (queue.isBusy(session.id) || (await context.replicas.isBusyElsewhere(session.id))) continue;
    if (session.state === "creating" || session.state === "starting")
      void launchInBackground(context, session.id);
    if (session.state === "paused") void pauseInBackground(context, session.id);
    if (session.state === "stopping") void stopInBackground(context, session.id);
    if (session.state === "deleting") void removeInBackground(context, session.id);
  }
}

/** Its place should be there, at work or frozen. */
const isUp = ({ state }: SessionRecord) => state === "running" || state === "paused";

const isFrozen = ({ state, placeState }: SessionRecord) => state === "paused" && placeState === "paused";

const hasEnded = ({ state }: Place) => state === "lost" || state === "stopped";

/** A place changed: if a session should run on it and it does not run any more, the session has ended. */
export async function onPlace(context: Context, { placeId, ...event }: Place): Promise<void> {
  if (!hasEnded({ placeId, ...event })) return;
  const row = await context.db.place.findUnique({ where: { id: placeId }, select: { sessionId: true } });
  if (row?.sessionId === null) tendSoon(context);
  const session = row?.sessionId == null ? null : await findRecord(context.db, row.sessionId);
  if (session === null || !isUp(session)) return;
  // The event may be older than a resume: what counts is how the place stands now.
  const place = await context.manager.find(placeId);
  if (place !== null && !hasEnded(place)) return;
  await settleEnded(context, session, place ?? undefined);
}

/** A session that should run has ended: by itself (failed), or because somebody ended its place (stopped). */
async function settleEnded(
  context: Context,
  session: SessionRecord,
  place: Place | undefined,
): Promise<void> {
  // A place that is lost without a word of why is no less lost; one that is not there any more was cleared away.
  const exit = place?.exit?.reason ?? (place?.state === "lost" ? "unknown" : "asked");
  if (exit !== "asked") {
    const [reason, message] = endings[exit];
    await failSession(context, session.id, ["running", "paused"], reason, message);
    return;
  }
  const change = {
    reason: "service-stopped" as const,
    message: "The session ended when Remote Claude was stopped. Its files are still there.",
    stoppedAt: context.clock.now(),
  };
  const stopped = await context.db.$transaction(async (transaction) => {
    const changed =
      (await changeState(context, transaction, session.id, ["running", "paused"], "stopping", change)) &&
      (await changeState(context, transaction, session.id, ["stopping"], "stopped", change));
    if (!changed) return false;
    await record(transaction, {
      action: "session.stopped",
      actor: { kind: "system" },
      sessionId: session.id,
      target: session.name,
      details: { reason: change.reason },
    });
    return true;
  });
  if (!stopped) return;
  context.agents.release(session.id);
  announceSession(context, session.id);
}
