import { AppError } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal, SessionRecord } from "../context.ts";
import { announceSession } from "./announce.ts";
import { findRecord } from "./queries.ts";
import { removeInBackground } from "./remove.ts";
import { patiently } from "./session-queue.ts";
import { changeState, wrongState } from "./state.ts";
import { stopInBackground } from "./stop.ts";

/** The session, for who administers all of them and is nothing in it. */
export async function getRecord(context: Context, sessionId: string): Promise<SessionRecord> {
  const session = await findRecord(context.db, sessionId);
  if (session === null) throw new AppError("not_found", "There is no such session.");
  return session;
}

/** Stops somebody's session from outside, and waits a while for it. */
export async function stopByAdmin(
  context: Context,
  principal: Principal,
  sessionId: string,
): Promise<SessionRecord> {
  const session = await getRecord(context, sessionId);
  if (!(await beginToStop(context, principal, session))) {
    throw wrongState(await getRecord(context, sessionId), "stopped");
  }
  await patiently(stopInBackground(context, sessionId));
  return getRecord(context, sessionId);
}

async function beginToStop(
  context: Context,
  principal: Principal,
  { id, name, ownerId }: SessionRecord,
): Promise<boolean> {
  const details = { reason: "by-admin" as const };
  const changed = await context.db.$transaction(async (transaction) => {
    const from = ["starting", "running", "paused"] as const;
    if (!(await changeState(context, transaction, id, from, "stopping", details))) return false;
    await record(transaction, {
      action: "session.stopped",
      actor: principal,
      sessionId: id,
      target: name,
      onBehalfOf: ownerId,
      details,
    });
    return true;
  });
  if (changed) announceSession(context, id);
  return changed;
}

/** Begins to stop all that runs of somebody's. */
export async function stopAllByAdmin(context: Context, principal: Principal, ownerId: string): Promise<void> {
  for (const session of await recordsOf(context, ownerId)) {
    if (await beginToStop(context, principal, session)) void stopInBackground(context, session.id);
  }
}

/** A deletion of somebody that is under way in an api deletes their sessions itself. */
const orphanMs = 60_000;

/** Begins to delete what people have left who were deleted with their sessions, where the api ended in between. */
export async function deleteOrphans(context: Context): Promise<void> {
  const deletedAt = { lt: new Date(context.clock.now().getTime() - orphanMs) };
  const left = await context.db.session.findMany({
    where: { deletedAt: null, state: { not: "deleting" }, owner: { deletedAt } },
    select: { ownerId: true },
    distinct: ["ownerId"],
  });
  for (const { ownerId } of left) await deleteAllByAdmin(context, { kind: "system" }, ownerId);
}

/** Begins to delete all that is somebody's. */
export async function deleteAllByAdmin(
  context: Context,
  actor: Principal | { kind: "system" },
  ownerId: string,
): Promise<void> {
  for (const { id, name, placeId, costUsd } of await recordsOf(context, ownerId)) {
    await context.db.$transaction(async (transaction) => {
      const from = ["creating", "starting", "running", "paused", "stopping", "stopped", "failed"] as const;
      if (!(await changeState(context, transaction, id, from, "deleting"))) return;
      await record(transaction, {
        action: "session.deleted",
        actor,
        sessionId: id,
        target: name,
        onBehalfOf: ownerId,
        details: { place: placeId, costUsd },
      });
    });
    announceSession(context, id);
    void removeInBackground(context, id);
  }
}

async function recordsOf(context: Context, ownerId: string): Promise<SessionRecord[]> {
  const rows = await context.db.session.findMany({
    where: { ownerId, deletedAt: null },
    select: { id: true },
  });
  const records = await Promise.all(rows.map(({ id }) => findRecord(context.db, id)));
  return records.filter((found) => found !== null);
}
