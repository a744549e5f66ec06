import { SearchIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { Input } from "../components/ui/input.tsx";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { messageOf } from "../lib/errors.ts";

export function SearchField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange(value: string): void;
}) {
  return (
    <div className="relative min-w-44 flex-1">
      <SearchIcon className="absolute top-2 left-2.5 size-4 text-muted-foreground" aria-hidden />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        className="pl-8"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

interface ListFrameProps {
  error: Error | null;
  /** null: not there yet. */
  count: number | null;
  empty: string;
  more: boolean;
  loadingMore: boolean;
  onMore(): void;
  children: ReactNode;
}

/** A list with what stands in its place while it loads, when it failed and when there is nothing in it. */
export function ListFrame({ error, count, empty, more, loadingMore, onMore, children }: ListFrameProps) {
  if (error !== null) return <Notice tone="destructive" title={messageOf(error)} />;
  if (count === null) {
    return (
      <div className="flex flex-col gap-3" role="status" aria-label="Loading">
        {[1, 2, 3].map((line) => (
          <Skeleton key={line} className="h-9" />
        ))}
      </div>
    );
  }
  if (count === 0) return <p className="py-4 text-center text-muted-foreground">{empty}</p>;
  return (
    <>
      {children}
      {more && (
        <div className="mt-3 flex justify-center border-t pt-3">
          <Button size="sm" onClick={onMore} disabled={loadingMore}>
            {loadingMore ? "Loading…" : "Show more"}
          </Button>
        </div>
      )}
    </>
  );
}
