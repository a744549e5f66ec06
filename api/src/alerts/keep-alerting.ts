import { keepReading, thisMoment } from "../audit-stream/index.ts";
import type { Context } from "../context.ts";
import { eachSecond } from "../lib/each-second.ts";
import { sendDue } from "./deliver.ts";
import { evaluateNext, pruneAlerts } from "./evaluate.ts";

/** What was told is shown for so long. */
const keptMs = 90 * 86_400_000;
const pruneEveryMs = 3_600_000;

/** Tells admins what they want to be told of until the returned function is called. */
export function keepAlerting(context: Context): () => Promise<void> {
  const endReading = keepReading(context, {
    name: "alerts",
    begin: () => thisMoment(context.db),
    turn: (held) => evaluateNext(context, held),
    explain: () => "it failed for a reason that the log of the api has",
  });
  const endSending = eachSecond(context, () => sendDue(context));
  const pruning = setInterval(() => {
    pruneAlerts(context.db, new Date(context.clock.now().getTime() - keptMs)).catch((err: unknown) =>
      context.log.warn({ err }, "old alerts were not removed"),
    );
  }, pruneEveryMs);
  pruning.unref();
  return async () => {
    clearInterval(pruning);
    endSending();
    await endReading();
  };
}
