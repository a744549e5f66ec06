import { record } from "../audit/index.ts";
import type { Context } from "../context.ts";
import { readSettings } from "../settings/index.ts";
import { monthOf } from "./spend.ts";

const everyMs = 15_000;

/**
 * Tells people when they have spent 80 and 100 percent of the month's budget, once each, and puts it on record for
 * admins. (egress refuses what is over the budget whether or not anybody was told.) Returns how to end it.
 */
export function watchBudgets(context: Context): () => void {
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    noticeBudgets(context)
      .catch((error: unknown) => context.log.warn({ err: error }, "budgets not looked at"))
      .finally(() => {
        looking = false;
      });
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

interface Reached {
  userId: string;
  email: string;
  percent: 80 | 100;
  costUsd: number;
  budgetUsd: number;
}

/** Looks once. Of several apis that look at the same time, the one whose row comes first tells. */
export async function noticeBudgets(context: Context): Promise<void> {
  const { db, clock } = context;
  const month = `${monthOf(clock.now())}-01`;
  const { monthlyBudgetUsd } = await readSettings(context, db);
  const reached = await db.$queryRaw<Reached[]>`
    select s.*, p.percent from (
      select u.id as "userId", u.email, sum(d.cost_usd)::float8 as "costUsd",
        coalesce(u.monthly_budget_usd::float8, ${monthlyBudgetUsd}::float8) as "budgetUsd"
      from usage_days d join users u on u.id = d.user_id
      where d.day >= ${month}::date and u.status = 'active' group by u.id
    ) s cross join (values (80), (100)) as p(percent)
    where s."costUsd" > 0 and s."costUsd" >= s."budgetUsd" * p.percent / 100 and not exists (
      select 1 from budget_notices n
      where n.user_id = s."userId" and n.month = ${month}::date and n.percent = p.percent)
    order by p.percent`;
  for (const { userId, email, percent, costUsd, budgetUsd } of reached) {
    const first = await db.$transaction(async (transaction) => {
      const made = await transaction.$executeRaw`
        insert into budget_notices (user_id, month, percent) values (${userId}::uuid, ${month}::date, ${percent})
        on conflict do nothing`;
      if (made === 0) return false;
      await record(transaction, {
        action: "budget.reached",
        actor: { kind: "system" },
        onBehalfOf: userId,
        target: email,
        details: { percent, costUsd, budgetUsd, month: month.slice(0, 7) },
      });
      return true;
    });
    if (first) {
      context.broadcast.toUsers("account.budget-reached", [userId], null, { percent, costUsd, budgetUsd });
    }
  }
}
