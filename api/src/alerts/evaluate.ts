import type { AlertRule } from "@remote-claude/prisma";
import { type Db, newId, type Transaction } from "@remote-claude/prisma";
import type { AlertKind, AuditAction } from "@remote-claude/protocol";
import { listDeliveries } from "../audit-delivery/index.ts";
import { advance, type Held, nextRows } from "../audit-stream/index.ts";
import type { Context } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import { describe, type StreamRow } from "./describe.ts";

const maxRows = 500;
/** A row of a transaction that took longer comes after others of its time. */
const lateBySeconds = 60;

/** The rows that a rule looks at. */
const actionOf: Partial<Record<AlertKind, AuditAction>> = {
  "egress-refused": "egress.refused",
  "failed-sign-ins": "sign-in.failed",
  "bypass-chosen": "claude.bypass-chosen",
  "budget-reached": "budget.reached",
  "record-broken": "audit.broken",
};
const counted: ReadonlySet<string> = new Set<AlertKind>(["egress-refused", "failed-sign-ins"]);

/** What is not a row that comes is looked for so often: more would cost a laptop at rest its battery. */
const lookAroundEveryMs = 15_000;
const lookedAround = perContext(() => ({ ms: Number.NEGATIVE_INFINITY }));

/** Looks at the rows that come next. What is to be told is noted in the transaction that moves the reader on. */
export async function evaluateNext(context: Context, held: Held): Promise<boolean> {
  const { db } = context;
  const { rows, next } = await nextRows(db, held.position, maxRows);
  const looked = lookedAround(context);
  const now = context.clock.now().getTime();
  const looksAround = now - looked.ms >= lookAroundEveryMs || now < looked.ms;
  if (rows.length === 0 && !looksAround) {
    await advance(db, held, next, 0);
    return false;
  }
  const rules = await db.alertRule.findMany({ where: { enabled: true } });
  const behind = looksAround ? await behindRules(context, rules) : [];
  await db.$transaction(async (transaction) => {
    await advance(transaction, held, next, rows.length);
    for (const rule of rules) {
      for (const text of await matches(transaction, rule, rows)) await fire(context, transaction, rule, text);
    }
    for (const [rule, text] of behind) await fire(context, transaction, rule, text);
    await tellSuppressed(context, transaction);
  });
  if (looksAround) looked.ms = now;
  return rows.length === maxRows;
}

/** What of these rows this rule has to tell. */
async function matches(db: Transaction, rule: AlertRule, rows: readonly StreamRow[]): Promise<string[]> {
  const action = actionOf[rule.kind as AlertKind];
  const own = rows.filter(
    (row) => row.action === action && (rule.kind !== "bypass-chosen" || row.result === "success"),
  );
  if (action === undefined || own.length === 0) return [];
  if (!counted.has(rule.kind)) return Promise.all(own.map((row) => describe(db, rule, row, 1)));
  const groups = Map.groupBy(own, ({ sessionId }) => (rule.kind === "egress-refused" ? sessionId : null));
  const texts: string[] = [];
  for (const [sessionId, group] of groups) {
    const last = group.reduce((latest, row) => (row.at > latest.at ? row : latest));
    const [{ count }] = await db.$queryRaw<[{ count: number }]>`
      select count(*)::int as count from audit_logs
      where action = ${action} and (${sessionId}::uuid is null or session_id = ${sessionId}::uuid)
        and at > ${last.at}::timestamptz - make_interval(mins => ${rule.windowMinutes})
        and at <= ${last.at}::timestamptz + make_interval(secs => ${lateBySeconds})`;
    if (count > rule.threshold) texts.push(await describe(db, rule, last, count));
  }
  return texts;
}

/** Rules about delivery that have something to tell at the moment. */
async function behindRules(context: Context, rules: readonly AlertRule[]): Promise<[AlertRule, string][]> {
  const own = rules.filter(({ kind }) => kind === "delivery-behind");
  if (own.length === 0) return [];
  const deliveries = await listDeliveries(context);
  return own.flatMap((rule) =>
    deliveries
      .filter(({ lagSeconds }) => lagSeconds > rule.threshold * 60)
      .map(({ name, target, lagSeconds, lagRows, lastError }): [AlertRule, string] => [
        rule,
        `The audit record is delivered to ${name} (${target}) ${Math.floor(lagSeconds / 60)} minutes late; ${lagRows} rows wait${lastError === null ? "" : `: ${lastError}`}.`,
      ]),
  );
}

const minuteMs = 60_000;

/** Notes a message, or, while the rule is quiet, that it happened again. */
async function fire({ clock }: Context, db: Transaction, rule: AlertRule, text: string): Promise<void> {
  const now = clock.now();
  const latest = await db.alert.findFirst({
    where: { ruleId: rule.id, madeAt: { gt: new Date(now.getTime() - rule.quietMinutes * minuteMs) } },
    orderBy: { madeAt: "desc" },
    select: { id: true },
  });
  if (latest === null)
    await db.alert.create({ data: { id: newId(), ruleId: rule.id, text, madeAt: now, nextTryAt: now } });
  // Behind is a state, not a happening: what still is so at the end of the quiet time is told then.
  else if (rule.kind !== "delivery-behind")
    await db.alert.update({
      where: { id: latest.id },
      data: { suppressed: { increment: 1 }, suppressedText: text },
    });
}

/** At the end of a quiet time one message says what happened in it: nothing is swallowed. */
async function tellSuppressed({ clock }: Context, db: Transaction): Promise<void> {
  const now = clock.now();
  const over = await db.$queryRaw<{ id: string; ruleId: string; suppressed: number; text: string }[]>`
    select a.id::text as id, a.rule_id::text as "ruleId", a.suppressed, coalesce(a.suppressed_text, '') as text
    from alerts a join alert_rules r on r.id = a.rule_id
    where a.suppressed > 0 and r.enabled and a.made_at <= ${now}::timestamptz - make_interval(mins => r.quiet_minutes)`;
  for (const { id, ruleId, suppressed, text } of over) {
    await db.alert.update({ where: { id }, data: { suppressed: 0, suppressedText: null } });
    const told =
      suppressed === 1 ? text : `${text} (It happened ${suppressed} times since the last message.)`;
    await db.alert.create({ data: { id: newId(), ruleId, text: told, madeAt: now, nextTryAt: now } });
  }
}

/** Old messages are of no use: what happened is in the record. */
export async function pruneAlerts(db: Db, before: Date): Promise<void> {
  await db.alert.deleteMany({ where: { madeAt: { lt: before }, nextTryAt: null, suppressed: 0 } });
}
