import type {
  AlertChannel,
  AlertKind,
  AlertRuleInput,
  Delivery,
  DeliveryName,
} from "@remote-claude/protocol";

export const kindNames: Record<AlertKind, string> = {
  "egress-refused": "Hosts refused in one session",
  "failed-sign-ins": "Failed sign-ins",
  "bypass-chosen": "Permission questions switched off",
  "budget-reached": "80 or 100 percent of a budget spent",
  "record-broken": "The audit record does not fit its seals",
  "delivery-behind": "Delivery of the audit record is behind",
};

export const channelNames: Record<AlertChannel, string> = {
  email: "Mail",
  webhook: "Webhook",
  slack: "Slack",
};

export const deliveryNames: Record<DeliveryName, string> = {
  syslog: "Syslog",
  webhook: "Webhook",
  file: "File",
};

/** Kinds that count within a time, and what is counted of those with a threshold. */
export const counted = (kind: AlertKind) => kind === "egress-refused" || kind === "failed-sign-ins";
export const hasThreshold = (kind: AlertKind) => counted(kind) || kind === "delivery-behind";

const inMinutes = (count: number) => (count === 1 ? "a minute" : `${count} minutes`);

/** When a rule tells, in words. */
export function whenInWords({ kind, threshold, windowMinutes }: AlertRuleInput): string {
  if (counted(kind)) return `More than ${threshold} within ${inMinutes(windowMinutes)}`;
  if (kind === "delivery-behind") return `More than ${inMinutes(threshold)}`;
  return "Each time";
}

export function lagInWords({ lagRows, lagRowsAreMore, lagSeconds }: Delivery): string {
  if (lagRows === 0) return "It has everything";
  const rows = `${lagRows.toLocaleString("en")}${lagRowsAreMore ? " or more" : ""} ${lagRows === 1 ? "row waits" : "rows wait"}`;
  if (lagSeconds < 60) return `${rows}, for less than a minute`;
  const minutes = Math.floor(lagSeconds / 60);
  return minutes < 120
    ? `${rows}, for ${inMinutes(minutes)}`
    : `${rows}, for ${Math.floor(minutes / 60)} hours`;
}
