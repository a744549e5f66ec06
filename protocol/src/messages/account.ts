import * as z from "zod";
import { event } from "./message.ts";

/** A person has spent that much of the month's budget. To all pages of that person; no session is named. */
export const accountBudgetReached = event("account.budget-reached", {
  from: "api",
  keep: "none",
  reach: "session",
  payload: z.object({
    percent: z.union([z.literal(80), z.literal(100)]),
    costUsd: z.number().nonnegative(),
    budgetUsd: z.number().nonnegative(),
  }),
});
