import { Prisma, type Transaction } from "@remote-claude/prisma";
import type { NextStop, OrganisationSettings } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { leaseExpiresAfterMs } from "../recorder/index.ts";
import { readSettings } from "../settings/index.ts";
import { announceSession } from "./announce.ts";
import {
  type Deadline,
  deadlineOf,
  type LimitedSession,
  lengthInWords,
  limitsOf,
  type SessionLimits,
} from "./limits.ts";
import { pauseInBackground } from "./pause.ts";
import { changeState } from "./state.ts";
import { stopInBackground } from "./stop.ts";

const sweepMs = 15_000;
/** Activity is noted once a minute: a session that was active since then need not be asked. */
const quietMs = 60_000;
const askMs = 5_000;

interface Row extends LimitedSession {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly state: "running" | "paused";
  readonly template: string;
  readonly stopsAt: Date | null;
  readonly stopsReason: NextStop["reason"] | null;
  readonly stopsAction: NextStop["action"] | null;
  /** A turn or a task is under way, perhaps waiting for somebody's answer. */
  readonly working: boolean;
}

/** What a session's deadlines hang on, for those that are up. */
const upQuery = (where: Prisma.Sql) => Prisma.sql`
  select s.id, s.name, s.owner_id::text as "ownerId", s.state::text as state, s.template,
    s.last_active_at as "lastActiveAt", s.started_at as "startedAt",
    s.stops_at as "stopsAt", s.stops_reason as "stopsReason", s.stops_action as "stopsAction",
    exists (select 1 from conversations c where c.session_id = s.id and c.state in ('working', 'waiting'))
      or exists (select 1 from tasks t where t.session_id = s.id and t.state in ('queued', 'running', 'waiting'))
      as working
  from sessions s where s.deleted_at is null and s.state in ('running', 'paused') and ${where}`;

/** Sessions whose recorder is this api, or that none records just now. */
function listOurs(db: Transaction, holder: string): Promise<Row[]> {
  const alive = Prisma.sql`l.heartbeat_at > now() - make_interval(secs => ${leaseExpiresAfterMs / 1000})`;
  return db.$queryRaw<Row[]>(
    upQuery(Prisma.sql`not exists (
      select 1 from places p join recorder_leases l on l.place_id = p.id
      where p.session_id = s.id and l.holder <> ${holder} and ${alive})`),
  );
}

/**
 * Ends sessions by their limits, now and then: warns in the row first, and acts when the time it gave has passed.
 * All of it is in Postgres, so a restart changes nothing, and of two apis one acts. Returns how to stop it.
 */
export function watchLimits(context: Context, holder: string): () => void {
  let sweeping = false;
  const sweep = setInterval(() => {
    if (sweeping) return;
    sweeping = true;
    enforceLimits(context, holder)
      .catch((error) => context.log.warn({ err: error }, "the limits of sessions were not enforced"))
      .finally(() => {
        sweeping = false;
      });
  }, sweepMs);
  sweep.unref();
  return () => clearInterval(sweep);
}

/** One sweep. */
export async function enforceLimits(context: Context, holder: string): Promise<void> {
  const settings = await readSettings(context, context.db);
  const rows = await listOurs(context.db, holder);
  await Promise.all(
    rows.map((row) =>
      enforce(context, row, settings).catch((error) => {
        context.log.warn({ err: error, sessionId: row.id }, "a session's limits were not enforced");
      }),
    ),
  );
}

async function enforce(context: Context, seen: Row, settings: OrganisationSettings): Promise<void> {
  const limits = limitsOf(context.config.templates.get(seen.template), settings);
  const asked = limits.idle === null ? seen : await withActivity(context, seen);
  const row = asked ?? seen;
  const now = context.clock.now().getTime();
  // One that cannot be asked may be busy: only its longest run counts, and what it was told of idleness stands.
  const deadline = deadlineOf(row, asked === null ? { ...limits, idle: null } : limits);
  if (deadline === null || now < deadline.warnsAt)
    return asked === null ? undefined : warn(context, row, null);
  const warned = row.stopsAt !== null && row.stopsReason === deadline.reason;
  // Whoever was told a time has until then, and a limit that became longer gives them more.
  const at = warned ? Math.max(row.stopsAt?.getTime() ?? 0, deadline.at) : firstSaid(deadline, now);
  if (!warned || at > now) return warn(context, row, { ...deadline, at });
  await end(context, row, deadline, limits);
}

/** The deadline, or a time that leaves people a warning: nobody is surprised by one that passed while no api ran, or came with other settings. */
function firstSaid({ at, warningMs }: Deadline, now: number): number {
  return at - now >= warningMs / 2 ? at : now + warningMs;
}

/** The row, in use as of now if something in it works; null when its agent cannot be asked, and nobody may judge. */
async function withActivity(context: Context, row: Row): Promise<Row | null> {
  const now = context.clock.now();
  if (row.state !== "running" || now.getTime() - row.lastActiveAt.getTime() < quietMs) return row;
  const works = row.working || (await worksOnItsOwn(context, row.id));
  if (works === null) return null;
  if (!works) return row;
  await keepUp(context, row.id, now);
  const idle = row.stopsReason === "idle";
  return {
    ...row,
    lastActiveAt: now,
    ...(idle ? { stopsAt: null, stopsReason: null, stopsAction: null } : {}),
  };
}

/** Whether terminals, commands or uploads are busy; null when the agent cannot be asked, and nobody may judge. */
async function worksOnItsOwn(context: Context, sessionId: string): Promise<boolean | null> {
  try {
    const activity = await context.agents.request(
      sessionId,
      "workspace.activity",
      {},
      { timeoutMs: askMs, connectWaitMs: askMs },
    );
    return activity.terminals + activity.commands + activity.transfers > 0;
  } catch (error) {
    context.log.debug({ err: error, sessionId }, "a session was not asked whether it is busy");
    return null;
  }
}

/** The session is in use: its idle time begins anew, and it is not about to be stopped for it. */
export async function keepUp(context: Context, sessionId: string, now = context.clock.now()): Promise<void> {
  const [kept] = await context.db.$queryRaw<{ warned: boolean }[]>`
    update sessions s set last_active_at = ${now},
      stops_at = case when s.stops_reason = 'idle' then null else s.stops_at end,
      stops_action = case when s.stops_reason = 'idle' then null else s.stops_action end,
      stops_reason = case when s.stops_reason = 'idle' then null else s.stops_reason end
    from sessions before
    where s.id = ${sessionId}::uuid and s.deleted_at is null and before.id = s.id
    returning before.stops_at is not null as warned`;
  if (kept?.warned) announceSession(context, sessionId);
}

/** Writes down what is going to happen (or that nothing is), and tells whoever sees the session when that is news. */
async function warn(context: Context, row: Row, deadline: Deadline | null): Promise<void> {
  const stopsAt = deadline === null ? null : new Date(deadline.at);
  const reason = deadline?.reason ?? null;
  const action = deadline?.action ?? null;
  const same =
    row.stopsAt?.getTime() === stopsAt?.getTime() && row.stopsReason === reason && row.stopsAction === action;
  if (same) return;
  const { count } = await context.db.session.updateMany({
    // Not if somebody used it meanwhile, or it is on its way elsewhere.
    where: { id: row.id, state: row.state, lastActiveAt: row.lastActiveAt, deletedAt: null },
    data: { stopsAt, stopsReason: reason, stopsAction: action },
  });
  if (count === 1) announceSession(context, row.id);
}

/** The time is over: stops or pauses the session, unless it is in use again or another api was first. */
async function end(
  context: Context,
  row: Row,
  { reason, action }: Deadline,
  limits: SessionLimits,
): Promise<void> {
  const to = action === "pause" ? ("paused" as const) : ("stopping" as const);
  const message = messageOf(reason, action, limits);
  const ended = await context.db.$transaction(async (transaction) => {
    await transaction.$executeRaw`select 1 from sessions where id = ${row.id}::uuid for update`;
    const [now] = await transaction.$queryRaw<Row[]>(upQuery(Prisma.sql`s.id = ${row.id}::uuid`));
    if (now === undefined || now.stopsAt?.getTime() !== row.stopsAt?.getTime()) return false;
    const used = now.lastActiveAt.getTime() !== row.lastActiveAt.getTime() || (now.working && !row.working);
    if (reason === "idle" && used) return false;
    if (!(await changeState(context, transaction, row.id, [row.state], to, { reason, message })))
      return false;
    await record(transaction, {
      action: action === "pause" ? "session.paused" : "session.stopped",
      actor: { kind: "system" },
      onBehalfOf: row.ownerId,
      sessionId: row.id,
      target: row.name,
      details: { reason },
    });
    return true;
  });
  if (!ended) return;
  announceSession(context, row.id);
  void (action === "pause" ? pauseInBackground(context, row.id) : stopInBackground(context, row.id));
}

function messageOf(reason: NextStop["reason"], action: NextStop["action"], limits: SessionLimits): string {
  if (reason === "max-duration") {
    const length = lengthInWords(limits.maxDurationMs ?? 0);
    return `It was stopped after ${length}, the longest that a session may run here. Its files and conversations are kept.`;
  }
  const length = lengthInWords(limits.idle?.afterMs ?? 0);
  return action === "pause"
    ? `It was paused because nobody used it for ${length}. Its programs go on where they were when you resume it.`
    : `It was stopped because nobody used it for ${length}. Its files and conversations are kept.`;
}
