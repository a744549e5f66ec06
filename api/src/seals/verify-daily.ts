import { record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { type Report, verifyAudit } from "./verify.ts";

const everyMs = 3_600_000;
/** The first look is taken when the start is over. */
const firstMs = 300_000;

/** Verifies the whole record once a day, by whichever api comes first, until the returned function is called. */
export function keepVerifying(context: Context): () => void {
  const stop = new AbortController();
  let timer = setTimeout(look, firstMs);
  function look(): void {
    verifyIfDue(context, stop.signal)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) context.log.warn({ err: error }, "the audit record was not verified");
      })
      .finally(() => {
        if (!stop.signal.aborted) timer = setTimeout(look, everyMs).unref();
      });
  }
  timer.unref();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}

/** Verifies it unless that was done within the last day. Returns what was found; null: it was not due. */
export async function verifyIfDue(context: Context, signal: AbortSignal): Promise<Report | null> {
  const { db, storage, log } = context;
  const [last] = await db.$queryRaw<[{ due: boolean }]>`
    select not exists (
      select from audit_logs
      where at > now() - interval '23 hours' and actor_kind = 'system' and action in ('audit.verified', 'audit.broken')
    ) as due`;
  if (!last.due) return null;
  const report = await verifyAudit({ db, storage }, { signal });
  const { problems, seals, rows } = report;
  const [first] = problems;
  if (first === undefined) {
    await record(db, { action: "audit.verified", actor: { kind: "system" }, details: { seals, rows } });
  } else {
    log.error({ problems: problems.slice(0, 20) }, "the audit record does not fit its seals");
    await record(db, {
      action: "audit.broken",
      actor: { kind: "system" },
      result: "failed",
      target: first.message,
      details: {
        seals,
        rows,
        problems: problems.slice(0, 20),
        more: problems.length > 20 || report.truncated,
      },
    });
  }
  return report;
}
