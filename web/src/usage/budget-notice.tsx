"use client";

import { getUsage } from "@remote-claude/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Notice } from "../components/notice.tsx";
import { call } from "../lib/api.ts";
import { formatUsd } from "../lib/format.ts";
import { live } from "../lib/live.ts";

/** From 80 percent of the month's budget on it says so, for as long as it is so. */
export function BudgetNotice() {
  const queries = useQueryClient();
  useEffect(
    () =>
      live.on("account.budget-reached", null, () => void queries.invalidateQueries({ queryKey: ["usage"] })),
    [queries],
  );
  const { data } = useQuery({
    queryKey: ["usage", "now"],
    queryFn: ({ signal }) => call(getUsage, { signal }),
  });
  if (data === undefined || data.budgetUsd === null || data.costUsd === 0) return null;
  const { costUsd, budgetUsd } = data;
  if (costUsd < budgetUsd * 0.8) return null;
  const spent = costUsd >= budgetUsd;
  return (
    <Notice
      tone={spent ? "destructive" : "warning"}
      title={
        spent
          ? "Your budget for this month is spent"
          : `You have spent ${Math.floor((costUsd / budgetUsd) * 100)}% of this month’s budget`
      }
    >
      {formatUsd(costUsd)} of {formatUsd(budgetUsd)}.{" "}
      {spent
        ? "Claude answers again next month (UTC), or when an admin raises it. Editor and terminals go on working."
        : "When it is spent, Claude stops answering until the next month (UTC)."}
    </Notice>
  );
}
