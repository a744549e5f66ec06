import { Prisma, type Transaction } from "@remote-claude/prisma";
import type { DaySpend, ModelSpend, Spend, Usage, UserSpend } from "@remote-claude/protocol";
import type { Context, Principal } from "../context.ts";
import { csvLine } from "../lib/csv.ts";
import { readSettings } from "../settings/index.ts";

/** The month that a moment belongs to, in UTC: "2026-11". */
export const monthOf = (at: Date) => at.toISOString().slice(0, 7);

/** A month's days, as a condition on `day`. */
const within = (month: string) => Prisma.sql`
  d.day >= ${`${month}-01`}::date and d.day < ${`${month}-01`}::date + interval '1 month'`;

const sums = Prisma.sql`
  sum(d.cost_usd)::float8 as "costUsd", sum(d.requests)::int as requests,
  sum(d.input_tokens + d.cache_read_tokens + d.cache_write_tokens)::float8 as "inputTokens",
  sum(d.output_tokens)::float8 as "outputTokens"`;

const of = (userId: string | null) =>
  userId === null ? Prisma.empty : Prisma.sql`and d.user_id = ${userId}::uuid`;

function byDay(db: Transaction, month: string, userId: string | null): Promise<DaySpend[]> {
  return db.$queryRaw<DaySpend[]>`
    select to_char(d.day, 'YYYY-MM-DD') as day, sum(d.cost_usd)::float8 as "costUsd"
    from usage_days d where ${within(month)} ${of(userId)} group by d.day order by d.day`;
}

function byModel(db: Transaction, month: string, userId: string | null): Promise<ModelSpend[]> {
  return db.$queryRaw<ModelSpend[]>`
    select d.model, ${sums} from usage_days d where ${within(month)} ${of(userId)}
    group by d.model order by "costUsd" desc, d.model`;
}

const total = (days: readonly DaySpend[]) => days.reduce((sum, { costUsd }) => sum + costUsd, 0);

/** What one person spent. */
export async function readUsage(context: Context, principal: Principal, month?: string): Promise<Usage> {
  const { db, clock } = context;
  const asked = month ?? monthOf(clock.now());
  const [days, models, { monthlyBudgetUsd: own }, { monthlyBudgetUsd: common }] = await Promise.all([
    byDay(db, asked, principal.id),
    byModel(db, asked, principal.id),
    db.user.findUniqueOrThrow({ where: { id: principal.id }, select: { monthlyBudgetUsd: true } }),
    readSettings(context, db),
  ]);
  return { month: asked, costUsd: total(days), budgetUsd: own?.toNumber() ?? common, days, models };
}

/** What everybody spent, or one of them. */
export async function readSpend(
  context: Context,
  { month, userId }: { month?: string | undefined; userId?: string | undefined },
): Promise<Spend> {
  const { db, clock } = context;
  const asked = month ?? monthOf(clock.now());
  const only = userId ?? null;
  const { monthlyBudgetUsd } = await readSettings(context, db);
  const [days, models, users] = await Promise.all([
    byDay(db, asked, only),
    byModel(db, asked, only),
    db.$queryRaw<(Omit<UserSpend, "user"> & { id: string; name: string; email: string })[]>`
      select u.id, u.name, u.email, coalesce(u.monthly_budget_usd::float8, ${monthlyBudgetUsd}::float8) as "budgetUsd",
        ${sums}
      from usage_days d join users u on u.id = d.user_id where ${within(asked)} ${of(only)}
      group by u.id order by "costUsd" desc, u.name`,
  ]);
  return {
    month: asked,
    costUsd: total(days),
    days,
    models,
    users: users.map(({ id, name, email, ...sum }) => ({ user: { id, name, email }, ...sum })),
  };
}

interface Line {
  day: string;
  email: string;
  name: string;
  model: string;
  requests: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  costUsd: string;
}

/** A month as a table: a line for each day, person and model. */
export async function spendTable({ db, clock }: Context, month?: string): Promise<string> {
  const lines = await db.$queryRaw<Line[]>`
    select to_char(d.day, 'YYYY-MM-DD') as day, u.email, u.name, d.model, d.requests,
      d.input_tokens::float8 as "inputTokens", d.output_tokens::float8 as "outputTokens",
      d.cache_read_tokens::float8 as "cacheReadTokens", d.cache_write_tokens::float8 as "cacheWriteTokens",
      d.cost_usd::text as "costUsd"
    from usage_days d join users u on u.id = d.user_id where ${within(month ?? monthOf(clock.now()))}
    order by d.day, u.email, d.model`;
  const head =
    "day,email,name,model,requests,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,cost_usd";
  const rows = lines.map((line) =>
    csvLine([
      line.day,
      line.email,
      line.name,
      line.model,
      line.requests,
      line.inputTokens,
      line.outputTokens,
      line.cacheReadTokens,
      line.cacheWriteTokens,
      line.costUsd,
    ]),
  );
  return `${[head, ...rows].join("\r\n")}\r\n`;
}
