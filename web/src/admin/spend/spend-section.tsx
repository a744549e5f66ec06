"use client";

import { exportSpend, getSpend, type UserSpend } from "@remote-claude/protocol";
import { useQuery } from "@tanstack/react-query";
import { DownloadIcon, XIcon } from "lucide-react";
import { useState } from "react";
import { Choice } from "../../components/choice.tsx";
import { Notice } from "../../components/notice.tsx";
import { Badge } from "../../components/ui/badge.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { call, urlOf } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";
import { formatUsd } from "../../lib/format.ts";
import { Section } from "../../settings/section.tsx";
import { DayChart } from "../../usage/day-chart.tsx";
import { recentMonths } from "../../usage/months.ts";
import { ModelName, SpendTable } from "../../usage/spend-table.tsx";

/** How near the person is to the end of their budget. */
function BudgetBadge({ costUsd, budgetUsd }: Pick<UserSpend, "costUsd" | "budgetUsd">) {
  if (budgetUsd === null || costUsd < budgetUsd * 0.8) return null;
  const spent = costUsd >= budgetUsd;
  return (
    <Badge tone={spent ? "destructive" : "warning"}>
      {spent ? "Budget spent" : `${Math.floor((costUsd / budgetUsd) * 100)}% of budget`}
    </Badge>
  );
}

function PersonCell({ row, onChoose }: { row: UserSpend; onChoose(): void }) {
  const { user, budgetUsd, costUsd } = row;
  return (
    <div className="min-w-0">
      <p className="flex flex-wrap items-center gap-x-2">
        <button type="button" className="max-w-full truncate font-medium hover:underline" onClick={onChoose}>
          {user.name}
        </button>
        <BudgetBadge costUsd={costUsd} budgetUsd={budgetUsd} />
      </p>
      <p className="truncate text-muted-foreground text-xs">
        {user.email}
        {budgetUsd !== null && ` · budget ${formatUsd(budgetUsd)}`}
      </p>
    </div>
  );
}

/** What Claude has cost everybody, by month: person, model, day. */
export function SpendSection() {
  const [months] = useState(() => recentMonths(new Date()));
  const [month, setMonth] = useState(months[0]?.[0] ?? "");
  const [person, setPerson] = useState<UserSpend["user"] | null>(null);
  const { data, error } = useQuery({
    queryKey: ["spend", month, person?.id],
    queryFn: ({ signal }) => call(getSpend, { query: { month, userId: person?.id }, signal }),
  });
  return (
    <>
      <Section
        title="Spend"
        description="What Claude has cost, as the model gateway counted it."
        action={
          <div className="flex flex-wrap gap-2">
            <Choice label="Month" value={month} options={months} onChange={setMonth} />
            <Button asChild>
              <a href={urlOf(exportSpend, {}, { month })} download>
                <DownloadIcon /> CSV
              </a>
            </Button>
          </div>
        }
      >
        {error !== null && <Notice tone="destructive" title={messageOf(error)} />}
        {data === undefined && error === null && <Skeleton className="h-32" />}
        {data !== undefined && (
          <div className="flex flex-col gap-4">
            <div className="flex flex-wrap items-center gap-3">
              <p className="font-semibold text-xl tabular-nums">{formatUsd(data.costUsd)}</p>
              {person !== null && (
                <Button size="sm" onClick={() => setPerson(null)}>
                  {person.name} alone <XIcon />
                </Button>
              )}
            </div>
            <DayChart month={data.month} days={data.days} />
          </div>
        )}
      </Section>
      {data !== undefined && data.users.length > 0 && (
        <>
          <Section title="By person" description="A click on a name shows that person alone.">
            <SpendTable
              head="Person"
              rows={data.users.map((row) => ({
                ...row,
                key: row.user.id,
                name: <PersonCell row={row} onChoose={() => setPerson(row.user)} />,
              }))}
            />
          </Section>
          <Section title="By model" description="As the endpoint names them.">
            <SpendTable
              head="Model"
              rows={data.models.map((row) => ({
                ...row,
                key: row.model,
                name: <ModelName model={row.model} />,
              }))}
            />
          </Section>
        </>
      )}
    </>
  );
}
