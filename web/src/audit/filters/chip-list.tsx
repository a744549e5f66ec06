import { XIcon } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import type { Chip } from "./chips.ts";
import type { Filters } from "./filters.ts";

/** What is looked for; each can be taken out, and all of it. */
export function ChipList({
  chips,
  onChange,
  onClear,
}: {
  chips: readonly Chip[];
  onChange(filters: Filters): void;
  onClear(): void;
}) {
  if (chips.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <ul aria-label="Filters" className="contents">
        {chips.map(({ key, label, without }) => (
          <li key={key} className="min-w-0">
            <button
              type="button"
              aria-label={`Remove filter: ${label}`}
              onClick={() => onChange(without)}
              className="flex h-6 max-w-full items-center gap-1 rounded-full border bg-surface pr-1.5 pl-2.5 text-xs hover:bg-hover"
            >
              <span className="max-w-64 truncate">{label}</span>
              <XIcon aria-hidden className="size-3 shrink-0 text-muted-foreground" />
            </button>
          </li>
        ))}
      </ul>
      <Button variant="quiet" size="sm" className="h-6" onClick={onClear}>
        Clear all
      </Button>
    </div>
  );
}
