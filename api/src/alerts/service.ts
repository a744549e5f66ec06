import { type AlertRule as AlertRow, newId, type Transaction } from "@remote-claude/prisma";
import {
  type Alert,
  type AlertChannel,
  type AlertKind,
  type AlertRule,
  type AlertRuleInput,
  AppError,
} from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { explainFailure } from "../audit-delivery/index.ts";
import type { Context, Principal } from "../context.ts";
import { configuredChannels } from "./environment.ts";
import { sendAlert } from "./send.ts";

const maxRules = 100;
const maxRecent = 50;

function present(row: AlertRow, lastAlertAt: Date | null): AlertRule {
  const { id, name, enabled, threshold, windowMinutes, quietMinutes, recipients } = row;
  return {
    id,
    name,
    kind: row.kind as AlertKind,
    enabled,
    threshold,
    windowMinutes,
    quietMinutes,
    channel: row.channel as AlertChannel,
    recipients,
    lastAlertAt: lastAlertAt?.toISOString() ?? null,
  };
}

/** Every rule, the channels that are set up, and what was told lately. */
export async function listRules({ db, config }: Context) {
  const [rules, last, recent] = await Promise.all([
    db.alertRule.findMany({ orderBy: [{ name: "asc" }, { id: "asc" }] }),
    db.alert.groupBy({ by: ["ruleId"], _max: { madeAt: true } }),
    db.alert.findMany({
      orderBy: { madeAt: "desc" },
      take: maxRecent,
      include: { rule: { select: { name: true } } },
    }),
  ]);
  const lastOf = new Map(last.map(({ ruleId, _max }) => [ruleId, _max.madeAt]));
  return {
    rules: rules.map((row) => present(row, lastOf.get(row.id) ?? null)),
    channels: configuredChannels(config.alerts),
    recent: recent.map(
      ({ id, ruleId, rule, text, madeAt, sentAt, lastError }): Alert => ({
        id,
        ruleId,
        ruleName: rule.name,
        text,
        madeAt: madeAt.toISOString(),
        sentAt: sentAt?.toISOString() ?? null,
        lastError,
      }),
    ),
  };
}

function assertSendable({ channel, recipients }: AlertRuleInput): void {
  if ((channel === "email") !== recipients.length > 0) {
    throw new AppError(
      "bad_request",
      channel === "email" ? "Say to which addresses it is mailed." : "Only mail has recipients.",
    );
  }
}

export async function createRule(
  { db }: Context,
  principal: Principal,
  input: AlertRuleInput,
): Promise<AlertRule> {
  assertSendable(input);
  return db.$transaction(async (transaction) => {
    if ((await transaction.alertRule.count()) >= maxRules)
      throw new AppError("conflict", `There are ${maxRules} rules already.`);
    const row = await transaction.alertRule.create({ data: { id: newId(), ...input } });
    await recordChange(transaction, principal, "alert.rule-created", input.name, { after: input });
    return present(row, null);
  });
}

export async function changeRule(
  { db }: Context,
  principal: Principal,
  id: string,
  input: AlertRuleInput,
): Promise<AlertRule> {
  assertSendable(input);
  return db.$transaction(async (transaction) => {
    const { id: _, createdAt: __, ...before } = await lockRule(transaction, id);
    const row = await transaction.alertRule.update({ where: { id }, data: input });
    await recordChange(transaction, principal, "alert.rule-changed", input.name, { before, after: input });
    const last = await transaction.alert.findFirst({ where: { ruleId: id }, orderBy: { madeAt: "desc" } });
    return present(row, last?.madeAt ?? null);
  });
}

export async function deleteRule({ db }: Context, principal: Principal, id: string): Promise<void> {
  await db.$transaction(async (transaction) => {
    const { id: _, createdAt: __, ...before } = await lockRule(transaction, id);
    await transaction.alertRule.delete({ where: { id } });
    await recordChange(transaction, principal, "alert.rule-deleted", before.name, { before });
  });
}

/** One change at a time, so that each says truly what was before it. */
async function lockRule(transaction: Transaction, id: string): Promise<AlertRow> {
  await transaction.$queryRaw`select id from alert_rules where id = ${id}::uuid for update`;
  const row = await transaction.alertRule.findUnique({ where: { id } });
  if (row === null) throw new AppError("not_found", "There is no such rule.");
  return row;
}

const recordChange = (
  transaction: Transaction,
  actor: Principal,
  action: "alert.rule-created" | "alert.rule-changed" | "alert.rule-deleted",
  target: string,
  details: Record<string, unknown>,
) => record(transaction, { action, actor, target, details });

/** Sends a message as this rule would, whatever it has told lately. The try is on record. */
export async function testRule(
  { db, config, clock, log }: Context,
  principal: Principal,
  id: string,
): Promise<{ ok: boolean; message: string }> {
  const rule = await db.alertRule.findUnique({ where: { id } });
  if (rule === null) throw new AppError("not_found", "There is no such rule.");
  const failure = await sendAlert(config, {
    ...present(rule, null),
    id: newId(),
    text: `A test by ${principal.email}: this is how you would be told.`,
    at: clock.now(),
  }).then(
    () => null,
    (error: unknown) => {
      log.info({ err: error, rule: id }, "a test message was not sent");
      return explainFailure(error);
    },
  );
  await record(db, {
    action: "alert.tested",
    actor: principal,
    result: failure === null ? "success" : "failed",
    target: rule.name,
    details: failure === null ? {} : { reason: failure },
  });
  return failure === null
    ? { ok: true, message: "The test message was taken." }
    : { ok: false, message: `The test message was not sent: ${failure}.` };
}
