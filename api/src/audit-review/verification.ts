import { type Db, newId, Prisma } from "@remote-claude/prisma";
import { type Verification, VerificationReport } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import type { Context, Principal } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import { type Report, verifyAudit } from "../seals/index.ts";

/** So often the api at work says how far it is, and hears whether somebody wants it to end. */
const beatMs = 1000;
/** It said nothing for so long: it is not there any more. */
const dead = Prisma.sql`audit_verifications.heartbeat_at < now() - interval '1 minute'`;

interface Run {
  readonly id: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** What this api is at work on. */
const running = perContext((): { run: Run | null } => ({ run: null }));

/** Starts a verification, whichever api runs it; one that runs already, at any api, is joined. */
export async function startVerifying(context: Context, principal: Principal): Promise<Verification> {
  const id = newId();
  const started = await context.db.$queryRaw<unknown[]>`
    insert into audit_verifications (id, run, state, "of", started_by_id, started_by_name, started_at, heartbeat_at)
    values (1, ${id}::uuid, 'running', (select count(*)::int from audit_seals), ${principal.id}::uuid,
            ${principal.name}, now(), now())
    on conflict (id) do update set run = excluded.run, state = 'running', seals = 0, rows = 0, "of" = excluded."of",
      stopping = false, started_by_id = excluded.started_by_id, started_by_name = excluded.started_by_name,
      started_at = now(), ended_at = null, heartbeat_at = now(), report = null, message = null
    where audit_verifications.state <> 'running' or ${dead}
    returning id`;
  if (started.length > 0) {
    const stop = new AbortController();
    running(context).run = { id, stop, ended: verify(context, principal, id, stop) };
  }
  return readVerification(context.db);
}

/** Asks whichever api is at work to end it. */
export async function stopVerifying(context: Context): Promise<void> {
  running(context).run?.stop.abort(new Error("It was stopped."));
  await context.db.auditVerification.updateMany({ where: { state: "running" }, data: { stopping: true } });
}

/** When the api ends: the verification that it runs ends with it, and says so. */
export async function endVerifying(context: Context): Promise<void> {
  const { run } = running(context);
  run?.stop.abort(new Error("The api that ran it was stopped."));
  await run?.ended;
}

export async function readVerification(db: Db): Promise<Verification> {
  const row = await db.auditVerification.findUnique({ where: { id: 1 } });
  if (row === null) {
    const nothing = { startedAt: null, endedAt: null, by: null, report: null, message: null };
    return { state: "idle", seals: 0, rows: 0, of: 0, ...nothing };
  }
  const [lost] = await db.$queryRaw<{ id: number }[]>`
    select id from audit_verifications where state = 'running' and ${dead}`;
  return {
    state: lost === undefined ? (row.state as Verification["state"]) : "failed",
    seals: row.seals,
    rows: Number(row.rows),
    of: row.of,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    by: { id: row.startedById, name: row.startedByName },
    report: VerificationReport.nullable().parse(row.report),
    message: lost === undefined ? row.message : "The api that ran it is gone.",
  };
}

/** Never throws: what goes wrong is the verification's end. */
async function verify(
  context: Context,
  principal: Principal,
  run: string,
  stop: AbortController,
): Promise<void> {
  const { db, storage, log } = context;
  const at = { seals: 0, rows: 0 };
  const beat = setInterval(() => {
    tell(db, run, at).then(
      (reason) => {
        if (reason !== null) stop.abort(new Error(reason));
      },
      (error) => log.warn({ err: error }, "how far the verification is could not be told"),
    );
  }, beatMs);
  let report: Report | null = null;
  let message: string | null = null;
  try {
    report = await verifyAudit(
      { db, storage },
      {
        signal: stop.signal,
        onProgress(seals, rows) {
          Object.assign(at, { seals, rows });
        },
      },
    );
  } catch (error) {
    message = stop.signal.aborted ? (stop.signal.reason as Error).message : "It could not be carried out.";
    if (!stop.signal.aborted) log.error({ err: error }, "the audit record could not be verified");
  }
  clearInterval(beat);
  await end(context, principal, run, { ...at, report, message }).catch((error) =>
    log.error({ err: error }, "the end of a verification was not noted"),
  );
}

/** Returns why it must end; null: it goes on. */
async function tell(db: Db, run: string, at: { seals: number; rows: number }): Promise<string | null> {
  const [row] = await db.$queryRaw<{ stopping: boolean }[]>`
    update audit_verifications set seals = ${at.seals}, rows = ${at.rows}, heartbeat_at = now()
    where run = ${run}::uuid and state = 'running' returning stopping`;
  if (row === undefined) return "Another one has begun.";
  return row.stopping ? "It was stopped." : null;
}

interface End {
  readonly seals: number;
  readonly rows: number;
  readonly report: Report | null;
  readonly message: string | null;
}

async function end({ db }: Context, principal: Principal, run: string, found: End): Promise<void> {
  const { seals, rows, report, message } = found;
  const outcome = report === null ? "not finished" : report.problems.length === 0 ? "whole" : "does not fit";
  await db.$transaction(async (transaction) => {
    await transaction.$executeRaw`
      update audit_verifications set state = ${report === null ? "failed" : "done"}, seals = ${seals},
        rows = ${rows}, ended_at = now(), report = ${report === null ? null : JSON.stringify(report)}::jsonb,
        message = ${message}
      where run = ${run}::uuid and state = 'running'`;
    await record(transaction, {
      action: "audit.verified",
      actor: principal,
      result: outcome === "whole" ? "success" : "failed",
      details: {
        outcome,
        seals,
        rows,
        problems: report?.problems.length ?? null,
        first: report?.problems[0]?.message ?? message,
      },
    });
  });
}
