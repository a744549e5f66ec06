import { keepReading, thisMoment } from "../audit-stream/index.ts";
import type { Context } from "../context.ts";
import { eachSecond } from "../lib/each-second.ts";
import { sendDue } from "./deliver.ts";
import { evaluateNext } from "./evaluate.ts";

/** Tells admins what they want to be told of until the returned function is called. */
export function keepAlerting(context: Context): () => Promise<void> {
  const endReading = keepReading(context, {
    name: "alerts",
    begin: () => thisMoment(context.db),
    turn: (held) => evaluateNext(context, held),
    explain: () => "it failed for a reason that the log of the api has",
  });
  const endSending = eachSecond(context, () => sendDue(context));
  return async () => {
    endSending();
    await endReading();
  };
}
