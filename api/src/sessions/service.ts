import { newId } from "@remote-claude/prisma";
import { AppError, type CreateSession } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal, SessionAccess } from "../context.ts";
import { randomPlaceId } from "../lib/secrets.ts";
import { claimPlace, countClaim } from "../pool/index.ts";
import { readSettings } from "../settings/index.ts";
import { announceSession } from "./announce.ts";
import { keepUp } from "./enforce-limits.ts";
import { launchInBackground } from "./launch.ts";
import { pauseInBackground, thaw } from "./pause.ts";
import { findAccess } from "./queries.ts";
import { assertMayRunOneMore } from "./quota.ts";
import { removeInBackground } from "./remove.ts";
import { patiently, sessionQueueOf } from "./session-queue.ts";
import { assertRunning, changeState, wrongState } from "./state.ts";
import { stopInBackground } from "./stop.ts";

/** The session, and what this person is in it. Someone else's is `not_found`. */
export async function getSessionAccess(
  context: Context,
  principal: Principal,
  sessionId: string,
): Promise<SessionAccess> {
  const access = await findSessionAccess(context, principal, sessionId);
  if (access === null) throw new AppError("not_found", "There is no such session.");
  return access;
}

export function findSessionAccess(
  context: Context,
  principal: Principal,
  sessionId: string,
): Promise<SessionAccess | null> {
  return findAccess(context.read, principal.id, sessionId, context.clock.now());
}

/** Makes a session and begins to start it. `archiveKey` is where an uploaded archive waits in storage. */
export async function createSession(
  context: Context,
  principal: Principal,
  input: CreateSession,
  archiveKey: string | null = null,
): Promise<SessionAccess> {
  const template = input.template ?? "default";
  if (!context.config.templates.has(template)) {
    throw new AppError("bad_request", `template: there is no template ${template}.`);
  }
  if (input.branch !== undefined && input.repositoryUrl === undefined) {
    throw new AppError("bad_request", "branch: a branch needs a repositoryUrl.");
  }
  if (archiveKey !== null && input.repositoryUrl !== undefined) {
    throw new AppError(
      "bad_request",
      "A session is filled from a repository or from an archive, not from both.",
    );
  }
  const sessionId = await insertSession(context, principal, { ...input, template }, archiveKey);
  const access = await getSessionAccess(context, principal, sessionId);
  // First: somebody waits for it.
  void launchInBackground(context, sessionId, access.session);
  announceSession(context, sessionId);
  return access;
}

async function insertSession(
  context: Context,
  principal: Principal,
  input: CreateSession & { template: string },
  archiveKey: string | null,
): Promise<string> {
  const id = newId();
  const filled = archiveKey === null ? ("empty" as const) : ("archive" as const);
  const source = input.repositoryUrl === undefined ? filled : ("git" as const);
  const { template } = input;
  const warm = await context.db.$transaction(async (transaction) => {
    // One at a time for each person, so that the limit cannot be passed by asking twice at once.
    await transaction.$executeRaw`select 1 from users where id = ${principal.id}::uuid for update`;
    const owned = await transaction.session.count({ where: { ownerId: principal.id, deletedAt: null } });
    const { maxSessionsPerUser: max } = await readSettings(context, transaction);
    if (owned >= max) {
      throw new AppError(
        "quota_exceeded",
        `You have ${owned} of ${max} sessions. Delete one you no longer need.`,
      );
    }
    await assertMayRunOneMore(context, transaction, principal.id);
    const { name, repositoryUrl = null, branch = null } = input;
    const now = context.clock.now();
    await transaction.session.create({
      data: {
        id,
        name,
        ownerId: principal.id,
        template,
        source,
        repositoryUrl,
        branch,
        archiveKey,
        createdAt: now,
        stateChangedAt: now,
        lastActiveAt: now,
      },
    });
    const claimed = await claimPlace(context, transaction, { sessionId: id, template });
    const place = claimed ?? randomPlaceId();
    if (claimed === null) {
      await transaction.place.create({ data: { id: place, sessionId: id, template, claimedAt: now } });
    }
    const details = { template, source, repositoryUrl, branch, place, warm: claimed !== null };
    await record(transaction, {
      action: "session.created",
      actor: principal,
      sessionId: id,
      target: name,
      details,
    });
    return details.warm;
  });
  countClaim(context, template, warm);
  return id;
}

/** Stops a session, and waits a while for it; workspace and home stay. */
export async function stopSession(
  context: Context,
  principal: Principal,
  access: SessionAccess,
): Promise<SessionAccess> {
  const { session } = access;
  const own = session.ownerId === principal.id || principal.role !== "admin";
  const reason = own ? ("by-user" as const) : ("by-admin" as const);
  await context.db.$transaction(async (transaction) => {
    const changed = await changeState(
      context,
      transaction,
      session.id,
      ["starting", "running", "paused"],
      "stopping",
      { reason },
    );
    if (!changed) throw wrongState((await findAgain(context, principal, session.id)).session, "stopped");
    await record(transaction, {
      action: "session.stopped",
      actor: principal,
      sessionId: session.id,
      target: session.name,
      details: { reason },
    });
  });
  announceSession(context, session.id);
  await patiently(stopInBackground(context, session.id));
  return findAgain(context, principal, session.id);
}

/** Freezes a running session, and waits a while for it. */
export async function pauseSession(
  context: Context,
  principal: Principal,
  access: SessionAccess,
): Promise<SessionAccess> {
  const { session } = access;
  await context.db.$transaction(async (transaction) => {
    const reason = "by-user" as const;
    const changed = await changeState(context, transaction, session.id, ["running"], "paused", { reason });
    if (!changed) throw wrongState((await findAgain(context, principal, session.id)).session, "paused");
    await record(transaction, {
      action: "session.paused",
      actor: principal,
      sessionId: session.id,
      target: session.name,
      details: { reason },
    });
  });
  announceSession(context, session.id);
  await patiently(pauseInBackground(context, session.id));
  return findAgain(context, principal, session.id);
}

/** Somebody wants the session to stay up: its idle time begins anew. */
export async function keepSession(
  context: Context,
  principal: Principal,
  { session }: SessionAccess,
): Promise<SessionAccess> {
  assertRunning(session);
  if (session.nextStop?.reason === "max-duration") {
    throw new AppError(
      "conflict",
      "The session has run for as long as one may here. Save what is not in a file yet; you can resume it once it is stopped.",
    );
  }
  await keepUp(context, session.id);
  return findAgain(context, principal, session.id);
}

/** Lets a paused session go on, or begins to start a stopped or failed one again. */
export async function resumeSession(
  context: Context,
  principal: Principal,
  access: SessionAccess,
): Promise<SessionAccess> {
  const { session } = access;
  if (session.state === "paused") {
    await thaw(context, session.id, { actor: principal });
    return findAgain(context, principal, session.id);
  }
  await context.db.$transaction(async (transaction) => {
    await assertMayRunOneMore(context, transaction, session.ownerId);
    const changed = await changeState(context, transaction, session.id, ["stopped", "failed"], "starting");
    if (!changed) throw wrongState((await findAgain(context, principal, session.id)).session, "resumed");
    await transaction.session.update({
      where: { id: session.id },
      data: { lastActiveAt: context.clock.now() },
    });
    await record(transaction, {
      action: "session.resumed",
      actor: principal,
      sessionId: session.id,
      target: session.name,
    });
  });
  announceSession(context, session.id);
  void launchInBackground(context, session.id);
  return findAgain(context, principal, session.id);
}

export async function renameSession(
  context: Context,
  principal: Principal,
  access: SessionAccess,
  name: string,
): Promise<SessionAccess> {
  const { session } = access;
  await context.db.$transaction(async (transaction) => {
    await transaction.session.update({ where: { id: session.id }, data: { name } });
    await record(transaction, {
      action: "session.renamed",
      actor: principal,
      sessionId: session.id,
      target: name,
      details: { from: session.name, to: name },
    });
  });
  announceSession(context, session.id);
  return findAgain(context, principal, session.id);
}

/** Deletes a session for good, and waits a while for its place to be gone. Asking twice is no error. */
export async function deleteSession(
  context: Context,
  principal: Principal,
  access: SessionAccess,
): Promise<void> {
  const { session } = access;
  await context.db.$transaction(async (transaction) => {
    const from = ["creating", "starting", "running", "paused", "stopping", "stopped", "failed"] as const;
    if (!(await changeState(context, transaction, session.id, from, "deleting"))) return;
    await record(transaction, {
      action: "session.deleted",
      actor: principal,
      sessionId: session.id,
      target: session.name,
      details: { place: session.placeId, costUsd: session.costUsd },
    });
  });
  announceSession(context, session.id);
  await patiently(removeInBackground(context, session.id));
}

/** Ends the background work of this api; what is half done goes on at the next start. */
export function closeSessions(context: Context): Promise<void> {
  return sessionQueueOf(context).close();
}

function findAgain(context: Context, principal: Principal, sessionId: string): Promise<SessionAccess> {
  return getSessionAccess(context, principal, sessionId);
}
