"use client";

import { MonitorIcon, UserIcon } from "lucide-react";
import type { RefObject } from "react";
import { findPeople, findSessions } from "../data/ask.ts";
import type { Names } from "../data/use-names.ts";
import { ActionMenu } from "./action-menu.tsx";
import { ChipList } from "./chip-list.tsx";
import { chipsOf } from "./chips.ts";
import { type Filters, noFilters } from "./filters.ts";
import { FindOne } from "./find-one.tsx";
import { ResultMenu } from "./result-menu.tsx";
import { TextField } from "./text-field.tsx";
import { TimeMenu } from "./time-menu.tsx";

interface FilterBarProps {
  readonly filters: Filters;
  readonly names: Names;
  /** The page is about one person: no other can be chosen. */
  readonly fixed: boolean;
  readonly field: RefObject<HTMLInputElement | null>;
  onChange(filters: Filters, how?: "push" | "replace"): void;
}

/** Everything one can look for, and below it what is looked for now. */
export function FilterBar({ filters, names, fixed, field, onChange }: FilterBarProps) {
  const { person, session, what, range, address, text } = filters;
  return (
    <search className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <TextField
          label="Search entries"
          value={text}
          field={field}
          onChange={(next) => onChange({ ...filters, text: next })}
          className="min-w-44 flex-1 basis-60"
        />
        {/* On a phone one line that goes on to the right, so that the entries stay in sight. */}
        <div className="flex items-center gap-2 max-sm:-mx-4 max-sm:w-screen max-sm:overflow-x-auto max-sm:px-4 sm:contents">
          <TimeMenu range={range} onChange={(next) => onChange({ ...filters, range: next })} />
          <ActionMenu what={what} onChange={(next) => onChange({ ...filters, what: next })} />
          <ResultMenu filters={filters} onChange={onChange} />
          {!fixed && (
            <FindOne
              label="Person"
              Icon={UserIcon}
              queryKey="audit-people"
              chosen={person === null ? null : (names.person(person) ?? "One person")}
              find={findPeople}
              onChoose={(id) => onChange({ ...filters, person: id })}
            />
          )}
          <FindOne
            label="Session"
            Icon={MonitorIcon}
            queryKey="audit-sessions"
            chosen={session === null ? null : (names.session(session) ?? "One session")}
            find={findSessions}
            onChoose={(id) => onChange({ ...filters, session: id })}
          />
          <TextField
            label="Address"
            mono
            value={address}
            onChange={(next) => onChange({ ...filters, address: next })}
            className="w-36 shrink-0"
          />
        </div>
      </div>
      <ChipList
        chips={chipsOf(fixed ? { ...filters, person: null } : filters, names)}
        onChange={onChange}
        onClear={() => onChange({ ...noFilters, range: range.kind === "between" ? noFilters.range : range })}
      />
    </search>
  );
}
