"use client";

import { ListFilterIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import {
  Command,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from "../../components/ui/command.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "../../components/ui/popover.tsx";
import { cn } from "../../lib/utils.ts";
import { actionGroups, actionsOf } from "../model/action-groups.ts";
import { wordsOf } from "../model/words.ts";

function Box({ checked }: { checked: boolean }) {
  return (
    <span
      aria-hidden
      className={cn(
        "flex size-3.5 shrink-0 items-center justify-center rounded-sm border border-field text-[10px] leading-none",
        checked && "border-primary bg-primary text-primary-foreground",
      )}
    >
      {checked && "✓"}
    </span>
  );
}

/** Chooses groups of actions, or single ones by their words. */
export function ActionMenu({
  what,
  onChange,
}: {
  what: readonly string[];
  onChange(what: readonly string[]): void;
}) {
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const toggle = (one: string) =>
    onChange(what.includes(one) ? what.filter((other) => other !== one) : [...what, one]);
  const item = (one: string, title: string, keywords: string[]) => (
    <CommandItem
      key={one}
      value={one}
      keywords={[title, ...keywords]}
      onSelect={() => toggle(one)}
      aria-checked={what.includes(one)}
    >
      <Box checked={what.includes(one)} />
      <span className="min-w-0 flex-1 truncate">{title}</span>
    </CommandItem>
  );
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button>
          <ListFilterIcon /> Actions{what.length > 0 && ` (${what.length})`}
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-80 max-w-[calc(100vw-2rem)] p-0">
        <Command>
          <CommandInput
            aria-label="Search actions"
            placeholder="Search actions"
            value={search}
            onValueChange={setSearch}
          />
          <CommandList className="max-h-80">
            <CommandEmpty>No such action.</CommandEmpty>
            <CommandGroup heading="Groups">
              {actionGroups.map(({ id, title }) => item(id, title, []))}
            </CommandGroup>
            {/* Some hundred of them: only for those who look for one. */}
            {search.trim() !== "" && (
              <CommandGroup heading="Single actions">
                {actionGroups.flatMap((group) =>
                  actionsOf(group.id).map((action) => item(action, wordsOf(action), [action, group.title])),
                )}
              </CommandGroup>
            )}
          </CommandList>
        </Command>
      </PopoverContent>
    </Popover>
  );
}
