import { getUsage } from "@remote-claude/protocol";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Choice } from "../components/choice.tsx";
import { Notice } from "../components/notice.tsx";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { call } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { formatUsd } from "../lib/format.ts";
import { Section } from "../settings/section.tsx";
import { BudgetBar } from "./budget-bar.tsx";
import { DayChart } from "./day-chart.tsx";
import { recentMonths } from "./months.ts";
import { ModelName, SpendTable } from "./spend-table.tsx";

/** What Claude has cost oneself. */
export function UsageSection() {
  const [months] = useState(() => recentMonths(new Date()));
  const [month, setMonth] = useState(months[0]?.[0] ?? "");
  const { data, error } = useQuery({
    queryKey: ["usage", month],
    queryFn: ({ signal }) => call(getUsage, { query: { month }, signal }),
  });
  return (
    <Section
      title="Usage"
      description="What Claude has cost in your sessions."
      action={<Choice label="Month" value={month} options={months} onChange={setMonth} />}
    >
      {error !== null && <Notice tone="destructive" title={messageOf(error)} />}
      {data === undefined && error === null && <Skeleton className="h-32" />}
      {data !== undefined && (
        <div className="flex flex-col gap-4">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
            <p className="font-semibold text-xl tabular-nums">{formatUsd(data.costUsd)}</p>
            {data.budgetUsd !== null && <BudgetBar costUsd={data.costUsd} budgetUsd={data.budgetUsd} />}
          </div>
          <DayChart month={data.month} days={data.days} />
          <SpendTable
            head="Model"
            rows={data.models.map((row) => ({
              key: row.model,
              name: <ModelName model={row.model} />,
              ...row,
            }))}
          />
        </div>
      )}
    </Section>
  );
}
