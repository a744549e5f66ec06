import * as z from "zod";
import { Actor } from "../ids.ts";
import { route } from "./route.ts";

/** A month of the calendar (UTC). */
export const Month = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, "a month such as 2026-11");

const Sum = {
  costUsd: z.number().nonnegative(),
  requests: z.int().nonnegative(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
};
export const ModelSpend = z.object({ model: z.string(), ...Sum });
export type ModelSpend = z.infer<typeof ModelSpend>;
/** `day`: 2026-11-26 (UTC). Days without use are left out. */
export const DaySpend = z.object({ day: z.iso.date(), costUsd: z.number().nonnegative() });
export type DaySpend = z.infer<typeof DaySpend>;

const MonthQuery = z.object({
  /** Default: the present one. */
  month: Month.optional(),
});

export const Usage = z.object({
  month: Month,
  costUsd: z.number().nonnegative(),
  /** What one may spend in a month; null: no limit. */
  budgetUsd: z.number().nonnegative().nullable(),
  days: z.array(DaySpend),
  models: z.array(ModelSpend),
});
export type Usage = z.infer<typeof Usage>;

export const getUsage = route({
  method: "GET",
  path: "/api/usage",
  summary: "What Claude has cost you in a month, by day and model",
  needs: "signed-in",
  scope: "sessions:read",
  query: MonthQuery,
  reply: Usage,
});

export const UserSpend = z.object({
  user: Actor.extend({ email: z.string() }),
  budgetUsd: z.number().nonnegative().nullable(),
  ...Sum,
});
export type UserSpend = z.infer<typeof UserSpend>;

export const Spend = z.object({
  month: Month,
  costUsd: z.number().nonnegative(),
  /** Who spent the most comes first. */
  users: z.array(UserSpend),
  models: z.array(ModelSpend),
  days: z.array(DaySpend),
});
export type Spend = z.infer<typeof Spend>;

export const getSpend = route({
  method: "GET",
  path: "/api/admin/spend",
  summary: "What Claude has cost everybody in a month, by person, model and day",
  needs: "users.manage",
  scope: "admin:read",
  query: MonthQuery.extend({ /** One person alone. */ userId: z.uuid().optional() }),
  reply: Spend,
});

export const exportSpend = route({
  method: "GET",
  path: "/api/admin/spend.csv",
  summary: "The same as a table (CSV): a line for each day, person and model",
  needs: "users.manage",
  scope: "admin:read",
  query: MonthQuery,
  answers: "text/csv",
});
