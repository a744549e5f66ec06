import { formatUsd } from "../lib/format.ts";
import { cn } from "../lib/utils.ts";

/** How much of a budget is spent, as a word and a bar: a warning from 80 percent on, and more when nothing is left. */
export function BudgetBar({ costUsd, budgetUsd }: { costUsd: number; budgetUsd: number }) {
  const percent = budgetUsd === 0 ? 100 : Math.round((costUsd / budgetUsd) * 100);
  const tone = percent >= 100 ? "bg-destructive" : percent >= 80 ? "bg-warning" : "bg-success";
  return (
    <div className="flex items-center gap-2">
      <div aria-hidden className="h-1.5 w-24 shrink-0 overflow-hidden rounded-full bg-muted">
        <div className={cn("h-full rounded-full", tone)} style={{ width: `${Math.min(percent, 100)}%` }} />
      </div>
      <span className="text-muted-foreground text-xs tabular-nums">
        {percent}% of {formatUsd(budgetUsd)}
      </span>
    </div>
  );
}
