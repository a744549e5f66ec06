import type { AlertChannel } from "@remote-claude/protocol";
import { record } from "../audit/index.ts";
import { explainFailure } from "../audit-delivery/index.ts";
import type { Context } from "../context.ts";
import { sendAlert } from "./send.ts";

/** So long an api has a message to itself; it is tried again after that, and ever more slowly. */
const claimMs = 60_000;
const longestWaitMs = 30 * 60_000;
/** Whoever hears of it after that hears nothing new. */
const maxAttempts = 50;

interface Claimed {
  readonly id: string;
  readonly text: string;
  readonly attempts: number;
  readonly madeAt: Date;
  readonly name: string;
  readonly kind: string;
  readonly channel: AlertChannel;
  readonly recipients: string[];
}

/** Sends what is due, one after the other. Of several apis each takes what no other has. */
export async function sendDue(context: Context): Promise<void> {
  const { db, clock } = context;
  for (;;) {
    const now = clock.now();
    const [claimed] = await db.$queryRaw<Claimed[]>`
      update alerts a set next_try_at = ${new Date(now.getTime() + claimMs)}, attempts = a.attempts + 1
      from alert_rules r
      where r.id = a.rule_id and a.id = (
        select id from alerts where next_try_at <= ${now} order by next_try_at for update skip locked limit 1)
      returning a.id::text as id, a.text, a.attempts, a.made_at as "madeAt", r.name, r.kind, r.channel, r.recipients`;
    if (claimed === undefined) return;
    await send(context, claimed);
  }
}

async function send(context: Context, alert: Claimed): Promise<void> {
  const { config, db, clock, log } = context;
  const { id, attempts, channel, name } = alert;
  const failure = await sendAlert(config, { ...alert, at: alert.madeAt }).then(
    () => null,
    (error: unknown) => {
      log.warn({ err: error, alert: id, channel }, "an alert was not sent");
      return explainFailure(error);
    },
  );
  const waitMs = Math.min(longestWaitMs, 1000 * 2 ** attempts);
  const again = attempts < maxAttempts ? new Date(clock.now().getTime() + waitMs) : null;
  await db.$transaction(async (transaction) => {
    await transaction.alert.updateMany({
      where: { id },
      data:
        failure === null
          ? { nextTryAt: null, sentAt: clock.now(), lastError: null }
          : { nextTryAt: again, lastError: failure },
    });
    // Once for each message: a server that is away all night must not fill the record.
    if (failure !== null && attempts > 1 && again !== null) return;
    await record(transaction, {
      action: failure === null ? "alert.sent" : "alert.failed",
      actor: { kind: "system" },
      result: failure === null ? "success" : "failed",
      target: name,
      details: { alertId: id, channel, text: alert.text, ...(failure !== null && { reason: failure }) },
    });
  });
}
