"use client";

import { SearchIcon } from "lucide-react";
import { type RefObject, useEffect, useState } from "react";
import { useSettled } from "../../admin/use-pages.ts";
import { Input } from "../../components/ui/input.tsx";
import { cn } from "../../lib/utils.ts";

/** A field whose words count once the typing pauses, or at once with Enter. */
export function TextField({
  label,
  value,
  onChange,
  field,
  className,
  mono = false,
}: {
  label: string;
  value: string;
  onChange(value: string): void;
  field?: RefObject<HTMLInputElement | null>;
  className?: string;
  mono?: boolean;
}) {
  const [typed, setTyped] = useState(value);
  const settled = useSettled(typed, 400);
  // The address was changed by another hand: a chip taken out, a view opened, a step back.
  useEffect(() => setTyped(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a pause in the typing counts
  useEffect(() => {
    if (settled === typed && settled.trim() !== value) onChange(settled.trim());
  }, [settled]);
  return (
    <div className={cn("relative", className)}>
      <SearchIcon className="absolute top-2 left-2.5 size-4 text-muted-foreground" aria-hidden />
      <Input
        {...(field === undefined ? {} : { ref: field })}
        type="search"
        aria-label={label}
        placeholder={label}
        maxLength={200}
        className={cn("pl-8 max-sm:text-base", mono && "font-mono text-xs")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && typed.trim() !== value) onChange(typed.trim());
          if (event.key === "Escape" && typed === "") event.currentTarget.blur();
        }}
      />
    </div>
  );
}
