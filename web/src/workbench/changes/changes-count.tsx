import { useWorkbench } from "../store.ts";
import { useChangesStore } from "./changes-store.ts";

/** How many files have changed, on the view's tab; before it was opened only that some have. */
export function ChangesCount() {
  const count = useChangesStore((state) => state.listing?.files.length ?? null);
  const changed = useWorkbench((state) => state.changed);
  if (count === null)
    return changed ? (
      <span className="size-1.5 rounded-full bg-clay">
        <span className="sr-only">(there are some)</span>
      </span>
    ) : null;
  if (count === 0) return null;
  return (
    <span className="rounded-full bg-clay-soft px-1.5 text-[10px] text-clay tabular-nums">
      {count > 999 ? "999+" : count}
    </span>
  );
}
