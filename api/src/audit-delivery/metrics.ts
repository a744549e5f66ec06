import type { Context } from "../context.ts";
import { listDeliveries } from "./service.ts";

/** How far each sink is behind, and whether it takes anything. The same, whichever api is asked. */
export function describeDelivery(context: Context): void {
  const { all } = context.metrics;
  const gauge = (
    name: string,
    help: string,
    of: (delivery: Awaited<ReturnType<typeof listDeliveries>>[number]) => number,
  ) =>
    all.gauge(name, help, async () =>
      (await listDeliveries(context)).map((delivery) => [{ sink: delivery.name }, of(delivery)] as const),
    );
  gauge(
    "remote_claude_audit_delivery_lag_rows",
    "Rows of the audit record that a sink has not taken yet, counted up to 100,000.",
    ({ lagRows }) => lagRows,
  );
  gauge(
    "remote_claude_audit_delivery_lag_seconds",
    "The age of the first row that a sink has not taken yet; 0: it has all.",
    ({ lagSeconds }) => lagSeconds,
  );
  gauge(
    "remote_claude_audit_delivery_failing",
    "1: the sink did not take what it was last given.",
    ({ failingSince }) => (failingSince === null ? 0 : 1),
  );
}
