import * as z from "zod";
import { Time } from "../ids.ts";
import { route } from "./route.ts";

/** Where the audit record can be delivered to. */
export const DeliveryName = z.enum(["syslog", "webhook", "file"]);
export type DeliveryName = z.infer<typeof DeliveryName>;

export const Delivery = z.object({
  name: DeliveryName,
  /** Where it is, without what is secret about it. */
  target: z.string(),
  lagRows: z.int().nonnegative(),
  /** There are more than were counted. */
  lagRowsAreMore: z.boolean(),
  /** The age of the first row that it has not taken; 0: it has all. */
  lagSeconds: z.int().nonnegative(),
  deliveredRows: z.int().nonnegative(),
  deliveredAt: Time.nullable(),
  failingSince: Time.nullable(),
  /** In words; null: it takes what it is given. */
  lastError: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

export const listDeliveries = route({
  method: "GET",
  path: "/api/audit/deliveries",
  summary: "Where the audit record is delivered to, and how far each is behind",
  needs: "audit.view",
  scope: "audit:read",
  reply: z.object({ deliveries: z.array(Delivery) }),
});

export const testDelivery = route({
  method: "POST",
  path: "/api/audit/deliveries/{name}/test",
  summary: "Send one test row there, past whatever waits",
  needs: "settings.manage",
  scope: "admin:write",
  /** A `DeliveryName`; of another there is none. */
  params: z.object({ name: z.string().max(40) }),
  reply: z.object({ ok: z.boolean(), message: z.string() }),
  errors: ["not_found"],
});
