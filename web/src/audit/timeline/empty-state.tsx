import { SearchXIcon } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import { type Filters, isFiltered, noFilters } from "../filters/filters.ts";
import { rangeWords } from "../model/time-range.ts";

/** Nothing fits: why that may be, and the ways out. */
export function EmptyState({ filters, onChange }: { filters: Filters; onChange(filters: Filters): void }) {
  const everything = { kind: "last", id: "all" } as const;
  const allTime = filters.range.kind === "last" && filters.range.id === "all";
  return (
    <div className="flex flex-col items-center gap-3 px-4 py-14 text-center">
      <SearchXIcon aria-hidden className="size-6 text-muted-foreground" />
      <div>
        <h2 className="font-semibold text-base">No rows match</h2>
        <p className="text-muted-foreground">
          {isFiltered(filters) ? "Nothing like this is on record" : "Nothing is on record"}
          {allTime ? "." : `: ${rangeWords(filters.range).toLowerCase()}.`}
        </p>
      </div>
      <div className="flex flex-wrap justify-center gap-2">
        {!allTime && (
          <Button onClick={() => onChange({ ...filters, range: everything })}>Look at all time</Button>
        )}
        {isFiltered(filters) && (
          <Button onClick={() => onChange({ ...noFilters, range: filters.range })}>Clear filters</Button>
        )}
      </div>
    </div>
  );
}
