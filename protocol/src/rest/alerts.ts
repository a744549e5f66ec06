import * as z from "zod";
import { Id, Time } from "../ids.ts";
import { Email } from "./auth.ts";
import { route } from "./route.ts";

/** What can be told of at once. */
export const AlertKind = z.enum([
  "egress-refused",
  "failed-sign-ins",
  "bypass-chosen",
  "budget-reached",
  "record-broken",
  "delivery-behind",
]);
export type AlertKind = z.infer<typeof AlertKind>;

/** By what people are told; where a channel leads is set in the environment of the installation. */
export const AlertChannel = z.enum(["email", "webhook", "slack"]);
export type AlertChannel = z.infer<typeof AlertChannel>;

export const AlertRuleInput = z.object({
  name: z.string().trim().min(1).max(100),
  kind: AlertKind,
  enabled: z.boolean(),
  /** More than so many: of `egress-refused` (in one session) and `failed-sign-ins`; minutes of `delivery-behind`. */
  threshold: z.int().min(0).max(100_000),
  windowMinutes: z.int().min(1).max(1440),
  /** One message in so long; what else happens is told together at its end. */
  quietMinutes: z.int().min(1).max(10_080),
  channel: AlertChannel,
  /** Of `email` alone. */
  recipients: z.array(Email).max(20),
});
export type AlertRuleInput = z.infer<typeof AlertRuleInput>;

export const AlertRule = AlertRuleInput.extend({ id: Id, lastAlertAt: Time.nullable() });
export type AlertRule = z.infer<typeof AlertRule>;

export const Alert = z.object({
  id: Id,
  ruleId: Id,
  ruleName: z.string(),
  text: z.string(),
  madeAt: Time,
  sentAt: Time.nullable(),
  lastError: z.string().nullable(),
});
export type Alert = z.infer<typeof Alert>;

export const listAlertRules = route({
  method: "GET",
  path: "/api/audit/alert-rules",
  summary: "What is told at once, to whom, and what was told lately",
  needs: "audit.view",
  scope: "audit:read",
  reply: z.object({
    rules: z.array(AlertRule),
    /** Those that are set up. */
    channels: z.array(AlertChannel),
    /** The newest first. */
    recent: z.array(Alert),
  }),
});

const changes = { needs: "settings.manage", scope: "admin:write" } as const;
const params = z.object({ ruleId: Id });

export const createAlertRule = route({
  method: "POST",
  path: "/api/audit/alert-rules",
  summary: "Have something told at once",
  ...changes,
  body: AlertRuleInput,
  reply: z.object({ rule: AlertRule }),
  status: 201,
  errors: ["bad_request"],
});

export const changeAlertRule = route({
  method: "PUT",
  path: "/api/audit/alert-rules/{ruleId}",
  summary: "Change what is told, or to whom",
  ...changes,
  params,
  body: AlertRuleInput,
  reply: z.object({ rule: AlertRule }),
  errors: ["bad_request", "not_found"],
});

export const deleteAlertRule = route({
  method: "DELETE",
  path: "/api/audit/alert-rules/{ruleId}",
  summary: "Have it told no more",
  ...changes,
  params,
  status: 204,
  errors: ["not_found"],
});

export const testAlertRule = route({
  method: "POST",
  path: "/api/audit/alert-rules/{ruleId}/test",
  summary: "Send a message as this rule would",
  ...changes,
  params,
  reply: z.object({ ok: z.boolean(), message: z.string() }),
  errors: ["not_found"],
});
