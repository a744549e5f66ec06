"use client";

import { CalendarClockIcon, CheckIcon } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "../../components/ui/popover.tsx";
import { fromLocalField, presets, rangeWords, type TimeRange, toLocalField } from "../model/time-range.ts";

/** How far back, or between which two moments. */
export function TimeMenu({ range, onChange }: { range: TimeRange; onChange(range: TimeRange): void }) {
  const [open, setOpen] = useState(false);
  const choose = (next: TimeRange) => {
    onChange(next);
    setOpen(false);
  };
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button className="max-w-full">
          <CalendarClockIcon /> <span className="truncate">{rangeWords(range)}</span>
        </Button>
      </PopoverTrigger>
      <PopoverContent aria-label="Time" className="w-64">
        <ul className="-mx-1.5 -mt-1.5 flex flex-col">
          {presets.map(({ id, title }) => {
            const chosen = range.kind === "last" && range.id === id;
            return (
              <li key={id}>
                <button
                  type="button"
                  aria-pressed={chosen}
                  onClick={() => choose({ kind: "last", id })}
                  className="flex h-8 w-full items-center justify-between rounded-sm px-2 text-left hover:bg-hover"
                >
                  {title}
                  {chosen && <CheckIcon aria-hidden className="size-4 text-muted-foreground" />}
                </button>
              </li>
            );
          })}
        </ul>
        <Between key={String(open)} range={range} onChoose={choose} />
      </PopoverContent>
    </Popover>
  );
}

function Between({ range, onChoose }: { range: TimeRange; onChoose(range: TimeRange): void }) {
  const id = useId();
  const [problem, setProblem] = useState<string | null>(null);
  const given = range.kind === "between" ? range : { from: null, to: null };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const from = fromLocalField(String(form.get("from")));
    const to = fromLocalField(String(form.get("to")));
    if (from === null && to === null) setProblem("Say from when, or until when.");
    else if (from !== null && to !== null && from >= to) setProblem("The end must come after the beginning.");
    else onChoose({ kind: "between", from, to });
  };
  return (
    <form onSubmit={submit} className="mt-2 flex flex-col gap-2 border-t pt-2.5">
      {(["from", "to"] as const).map((side) => (
        <div key={side} className="flex items-center gap-2">
          <Label htmlFor={`${id}${side}`} className="w-10">
            {side === "from" ? "From" : "Until"}
          </Label>
          <Input
            id={`${id}${side}`}
            name={side}
            type="datetime-local"
            defaultValue={toLocalField(given[side])}
          />
        </div>
      ))}
      {problem !== null && (
        <p role="alert" className="text-destructive text-xs">
          {problem}
        </p>
      )}
      <Button type="submit" size="sm" className="self-end">
        Apply
      </Button>
    </form>
  );
}
