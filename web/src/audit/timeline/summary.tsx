"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Notice } from "../../components/notice.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { messageOf } from "../../lib/errors.ts";
import { formatMoment } from "../../lib/format.ts";
import { askCounts } from "../data/ask.ts";
import { type Filters, toParams } from "../filters/filters.ts";
import { actionGroups, groupOf } from "../model/action-groups.ts";
import { bucketsOf } from "../model/buckets.ts";
import { boundsOf } from "../model/time-range.ts";
import { Chart } from "./chart.tsx";

/** How often the counts are asked for anew while entries come. */
const liveMs = 15_000;

interface SummaryProps {
  readonly filters: Filters;
  readonly now: number;
  readonly live: boolean;
  onChange(filters: Filters): void;
}

/** How many entries there are, of what kind and when. */
export function Summary({ filters, now, live, onChange }: SummaryProps) {
  const { data, error } = useQuery({
    queryKey: ["audit-counts", toParams(filters).toString()],
    queryFn: ({ signal }) => askCounts(filters, boundsOf(filters.range, now), signal),
    placeholderData: (before) => before,
    refetchInterval: live ? liveMs : false,
    refetchOnWindowFocus: false,
  });
  const buckets = useMemo(() => {
    if (data === undefined) return [];
    const { from, to } = boundsOf(filters.range, now);
    const begin = data.countedSince ?? from;
    const end = to === null ? now : Math.min(now, Date.parse(to));
    return bucketsOf(data.counts, {
      from: begin === null ? null : Date.parse(begin),
      to: end,
      stepMs: data.stepMs,
    });
  }, [data, filters.range, now]);
  if (error !== null) return <Notice tone="warning" title={`The counts are missing: ${messageOf(error)}`} />;
  if (data === undefined) return <Skeleton className="h-24" />;
  const narrow = (from: number, to: number) =>
    onChange({
      ...filters,
      range: { kind: "between", from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    });
  return (
    <div className="flex flex-col gap-2">
      <Groups
        filters={filters}
        actions={data.actions}
        total={data.total}
        since={data.countedSince}
        onChange={onChange}
      />
      {buckets.length > 0 && <Chart buckets={buckets} onNarrow={narrow} />}
    </div>
  );
}

/** The sum, and the groups it is made of; a group narrows what is looked for. */
function Groups({
  filters,
  actions,
  total,
  since,
  onChange,
}: {
  filters: Filters;
  /** Only what came since then was counted. */
  since: string | null;
  actions: Readonly<Record<string, number>>;
  total: number;
  onChange(filters: Filters): void;
}) {
  const sums = new Map<string, number>();
  for (const [action, count] of Object.entries(actions)) {
    const { id } = groupOf(action);
    sums.set(id, (sums.get(id) ?? 0) + count);
  }
  return (
    <p className="flex gap-x-3 gap-y-1 overflow-x-auto whitespace-nowrap text-xs sm:flex-wrap">
      <span role="status" className="font-semibold tabular-nums">
        {total.toLocaleString("en")} {total === 1 ? "entry" : "entries"}
        {since !== null && ` since ${formatMoment(since)}`}
      </span>
      {actionGroups.map(({ id, title, Icon }) => {
        const count = sums.get(id) ?? 0;
        if (count === 0) return null;
        return (
          <button
            key={id}
            type="button"
            title={`Only ${title.toLowerCase()}`}
            onClick={() => onChange({ ...filters, what: [id] })}
            className="flex items-center gap-1 rounded-sm text-muted-foreground hover:text-foreground"
          >
            <Icon aria-hidden className="size-3.5" /> {title}{" "}
            <span className="tabular-nums">{count.toLocaleString("en")}</span>
          </button>
        );
      })}
    </p>
  );
}
