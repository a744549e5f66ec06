"use client";

import { AuditActorKind, AuditResult } from "@remote-claude/protocol";
import { SlidersHorizontalIcon } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { resultOf } from "../model/words.ts";
import { actorWords } from "./chips.ts";
import type { Filters } from "./filters.ts";

const toggled = <One,>(list: readonly One[], one: One): readonly One[] =>
  list.includes(one) ? list.filter((other) => other !== one) : [...list, one];

/** How it ended, and who did it: a person, a token, Claude, the product itself. */
export function ResultMenu({ filters, onChange }: { filters: Filters; onChange(filters: Filters): void }) {
  const { results, actors } = filters;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button>
          <SlidersHorizontalIcon /> Result
          {results.length + actors.length > 0 && ` (${results.length + actors.length})`}
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuLabel>Result</DropdownMenuLabel>
        {AuditResult.options.map((result) => (
          <DropdownMenuCheckboxItem
            key={result}
            checked={results.includes(result)}
            onSelect={(event) => event.preventDefault()}
            onCheckedChange={() => onChange({ ...filters, results: toggled(results, result) })}
          >
            {resultOf(result).label}
          </DropdownMenuCheckboxItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuLabel>Done by</DropdownMenuLabel>
        {AuditActorKind.options.map((kind) => (
          <DropdownMenuCheckboxItem
            key={kind}
            checked={actors.includes(kind)}
            onSelect={(event) => event.preventDefault()}
            onCheckedChange={() => onChange({ ...filters, actors: toggled(actors, kind) })}
          >
            {actorWords[kind]}
          </DropdownMenuCheckboxItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
