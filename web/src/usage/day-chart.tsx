import type { DaySpend } from "@remote-claude/protocol";
import { formatUsd } from "../lib/format.ts";
import { everyDay } from "./months.ts";

const height = 72;
const step = 10;

/** What was spent on each day of a month, as bars. The sums beside it say the same in numbers. */
export function DayChart({ month, days }: { month: string; days: readonly DaySpend[] }) {
  const all = everyDay(month, days);
  const most = Math.max(...all.map(({ costUsd }) => costUsd));
  const peak = all.find(({ costUsd }) => costUsd === most);
  if (peak === undefined || most === 0) {
    return <p className="py-4 text-center text-muted-foreground">Nothing was spent in this month.</p>;
  }
  return (
    <figure className="flex flex-col gap-1">
      <svg
        role="img"
        aria-label={`Spent on each day; most, ${formatUsd(most)}, on ${peak.day}`}
        viewBox={`0 0 ${all.length * step} ${height}`}
        preserveAspectRatio="none"
        className="h-24 w-full"
      >
        {all.map(({ day, costUsd }, index) => {
          const tall = costUsd === 0 ? 1 : Math.max(2, (costUsd / most) * height);
          return (
            <rect
              key={day}
              x={index * step + 1}
              y={height - tall}
              width={step - 2}
              height={tall}
              className={costUsd === 0 ? "fill-border" : "fill-clay"}
            >
              <title>{`${day}: ${formatUsd(costUsd)}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption className="flex justify-between text-[11px] text-muted-foreground tabular-nums">
        <span>{all[0]?.day}</span>
        <span>{all.at(-1)?.day}</span>
      </figcaption>
    </figure>
  );
}
