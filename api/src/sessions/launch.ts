import { AppError, maxArchiveBytes, type Place, type StopReason } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, SessionRecord } from "../context.ts";
import { placeSecret } from "../lib/secrets.ts";
import { tendSoon } from "../pool/index.ts";
import { announceSession } from "./announce.ts";
import { findRecord } from "./queries.ts";
import { sessionQueueOf, unlessAborted } from "./session-queue.ts";
import { changeState } from "./state.ts";

const agentReadyMs = 60_000;
const cloneMs = 30 * 60_000;

/** A step of the launch that failed, and what the session's row says of it. */
class LaunchError extends Error {
  readonly reason: StopReason;
  constructor(reason: StopReason, message: string, cause: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/**
 * Starts a session that is `creating` or `starting`, in the background, from wherever it stands. `made`: its record, by
 * whoever has just made it.
 */
export function launchInBackground(
  context: Context,
  sessionId: string,
  made: SessionRecord | null = null,
): Promise<void> {
  return sessionQueueOf(context).add(sessionId, async (signal) => {
    try {
      await launch(context, made ?? (await findRecord(context.db, sessionId)), signal);
    } catch (error) {
      // Whoever aborted has changed the state already, or the next start of the api goes on from here.
      if (signal.aborted) return;
      await fail(context, sessionId, error).catch((failure) => {
        context.log.error({ err: failure, sessionId }, "a session's failure was not written");
      });
    }
  });
}

async function launch(context: Context, session: SessionRecord | null, signal: AbortSignal): Promise<void> {
  if (session === null || (session.state !== "creating" && session.state !== "starting")) return;
  const place = await startPlace(context, session, signal);
  if (!session.prepared && session.source !== "empty") await prepare(context, session, signal);
  signal.throwIfAborted();
  const started = await context.db.$transaction(async (transaction) => {
    const now = context.clock.now();
    const changed = await changeState(context, transaction, session.id, [session.state], "running", {
      startedAt: now,
      isolation: place.isolation,
      prepared: true,
    });
    if (!changed) return false;
    await transaction.place.updateMany({ where: { id: place.placeId }, data: { state: "running" } });
    await record(transaction, {
      action: "session.started",
      actor: { kind: "system" },
      onBehalfOf: session.ownerId,
      sessionId: session.id,
      target: session.name,
      details: { place: place.placeId, isolation: place.isolation, runtime: place.runtime },
    });
    return true;
  });
  if (!started) return;
  announceSession(context, session.id);
  tendSoon(context);
}

async function startPlace(context: Context, session: SessionRecord, signal: AbortSignal): Promise<Place> {
  const { config, manager, agents } = context;
  const { placeId } = session;
  if (placeId === null) throw new LaunchError("start-failed", "The session has no place any more.", null);
  try {
    // An agent listens before session-manager has said so; one in a place that stood ready does already.
    agents.attach(session.id, placeId);
    const place = await manager.ensure(
      placeId,
      {
        template: session.template,
        apiPublicKey: config.apiPublicKey,
        placeSecret: placeSecret(config.placeSecretKey, placeId),
      },
      signal,
    );
    agents.attach(session.id, placeId);
    await unlessAborted(agents.ready(session.id, agentReadyMs), signal);
    return place;
  } catch (error) {
    throw new LaunchError("start-failed", `The session did not start: ${sentenceOf(error)}`, error);
  }
}

/** Fills the workspace, once in the session's life. */
async function prepare(context: Context, session: SessionRecord, signal: AbortSignal): Promise<void> {
  if (session.source === "git") await clone(context, session, signal);
  if (session.source === "archive") await unpack(context, session, signal);
  signal.throwIfAborted();
  await context.db.session.update({ where: { id: session.id }, data: { prepared: true, archiveKey: null } });
  if (session.archiveKey !== null) await forgetArchive(context, session.archiveKey);
}

async function clone(context: Context, session: SessionRecord, signal: AbortSignal): Promise<void> {
  if (session.repositoryUrl === null) return;
  const payload = {
    url: session.repositoryUrl,
    ...(session.branch === null ? {} : { branch: session.branch }),
  };
  try {
    await unlessAborted(
      context.agents.request(session.id, "workspace.clone", payload, {
        timeoutMs: cloneMs,
        connectWaitMs: agentReadyMs,
      }),
      signal,
    );
  } catch (error) {
    // The workspace is not empty: an api that ended meanwhile had the agent clone already. What is there counts.
    if (error instanceof AppError && error.code === "conflict") return;
    throw new LaunchError("clone-failed", `The repository could not be cloned: ${sentenceOf(error)}`, error);
  }
}

async function unpack(context: Context, session: SessionRecord, signal: AbortSignal): Promise<void> {
  if (session.archiveKey === null) return;
  try {
    const { body } = await context.storage.get(session.archiveKey);
    const request = { path: "", extract: true, maxBytes: maxArchiveBytes };
    await unlessAborted(context.agents.write(session.id, request, body), signal);
  } catch (error) {
    throw new LaunchError("archive-failed", `The archive could not be unpacked: ${sentenceOf(error)}`, error);
  }
}

/** An uploaded archive that is not needed any more. A copy that stays is untidy, and no reason to fail. */
export async function forgetArchive(context: Context, archiveKey: string): Promise<void> {
  await context.storage.delete(archiveKey).catch((error) => {
    context.log.warn({ err: error, archiveKey }, "an unpacked archive was not removed");
  });
}

/** Only what is meant for people; a bug's text stays in the log. */
function sentenceOf(error: unknown): string {
  return error instanceof AppError && error.code !== "internal" ? error.message : "an unexpected error";
}

async function fail(context: Context, sessionId: string, error: unknown): Promise<void> {
  const { reason, message } =
    error instanceof LaunchError
      ? error
      : { reason: "start-failed" as const, message: `The session did not start: ${sentenceOf(error)}` };
  context.log.warn({ err: error, sessionId, reason }, "a session failed to start");
  await failSession(context, sessionId, ["creating", "starting"], reason, message);
}

/** Writes down that a session failed and why, and ends what may still run of it. */
export async function failSession(
  context: Context,
  sessionId: string,
  from: readonly ("creating" | "starting" | "running" | "paused" | "stopping")[],
  reason: StopReason,
  message: string,
): Promise<void> {
  const failed = await context.db.$transaction(async (transaction) => {
    const stoppedAt = context.clock.now();
    const changed = await changeState(context, transaction, sessionId, from, "failed", {
      reason,
      message: message.slice(0, 2000),
      stoppedAt,
    });
    if (!changed) return false;
    await record(transaction, {
      action: "session.failed",
      result: "failed",
      actor: { kind: "system" },
      sessionId,
      details: { reason, message },
    });
    return true;
  });
  if (!failed) return;
  context.agents.release(sessionId);
  announceSession(context, sessionId);
  const session = await findRecord(context.db, sessionId);
  if (session?.placeId == null) return;
  await context.manager.stop(session.placeId).catch((error) => {
    context.log.warn({ err: error, sessionId }, "a failed session's place was not stopped");
  });
}
