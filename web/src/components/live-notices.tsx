"use client";

import { useEffect } from "react";
import { formatUsd } from "../lib/format.ts";
import { live } from "../lib/live.ts";
import { toast } from "../lib/toast.ts";

/** Says on whatever page one is what concerns oneself and must not be missed. */
export function LiveNotices() {
  useEffect(() => {
    const ends = [
      live.on("session.looked-inside", null, ({ name, by, reason }) =>
        toast.warning(`${by.name}, an admin, looks into “${name}”`, {
          description: reason,
          duration: Number.POSITIVE_INFINITY,
          closeButton: true,
        }),
      ),
      live.on("account.budget-reached", null, ({ percent, budgetUsd }) =>
        toast.warning(
          percent === 100
            ? `Your budget of ${formatUsd(budgetUsd)} for this month is spent`
            : `You have spent ${percent}% of this month’s budget of ${formatUsd(budgetUsd)}`,
          { id: "budget", duration: 20_000, closeButton: true },
        ),
      ),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  return null;
}
