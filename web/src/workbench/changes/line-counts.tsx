import type { ChangedFile } from "@remote-claude/protocol";
import { cn } from "../../lib/utils.ts";

/** "+12 −3", as far as lines can be counted. */
export function LineCounts({
  file: { added, removed },
  className,
}: {
  file: Pick<ChangedFile, "added" | "removed">;
  className?: string;
}) {
  if (added === null || removed === null) return null;
  return (
    <span className={cn("flex shrink-0 gap-1 font-mono text-[11px] tabular-nums", className)}>
      {added > 0 && (
        <span className="text-success">
          <span className="sr-only">lines added: </span>+{added}
        </span>
      )}
      {removed > 0 && (
        <span className="text-destructive">
          <span className="sr-only">lines removed: </span>−{removed}
        </span>
      )}
    </span>
  );
}
