"use client";

import { CaseSensitiveIcon, LoaderCircleIcon, RefreshCwIcon, RegexIcon, WholeWordIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { Tooltip } from "../../../components/ui/tooltip.tsx";
import { cn } from "../../../lib/utils.ts";
import type { ExplorerModel } from "../tree/use-explorer.ts";
import { summary } from "./search-groups.ts";
import { SearchResults } from "./search-results.tsx";
import { type SearchQuery, type SearchState, useSearch } from "./use-search.ts";

const toggles = [
  { name: "caseSensitive", label: "Match case", Icon: CaseSensitiveIcon },
  { name: "wholeWord", label: "Match whole word", Icon: WholeWordIcon },
  { name: "regex", label: "Use regular expression", Icon: RegexIcon },
] as const;

function QueryField({
  query,
  onQuery,
  onAgain,
}: {
  query: SearchQuery;
  onQuery(query: SearchQuery): void;
  onAgain(): void;
}) {
  return (
    <div className="flex items-center rounded-md border border-field bg-surface focus-within:border-ring">
      <input
        data-explorer-search
        type="text"
        aria-label="Search in files"
        placeholder="Search"
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        maxLength={1000}
        value={query.query}
        onChange={(event) => onQuery({ ...query, query: event.currentTarget.value })}
        onKeyDown={(event) => event.key === "Enter" && onAgain()}
        className="h-7 min-w-0 pointer-coarse:h-9 flex-1 bg-transparent px-2 outline-none placeholder:text-muted-foreground"
      />
      {toggles.map(({ name, label, Icon }) => (
        <Tooltip key={name} label={label}>
          <Button
            variant="quiet"
            size="icon-sm"
            aria-label={label}
            aria-pressed={query[name]}
            className={cn(
              "mr-0.5 size-5.5 pointer-coarse:size-8",
              query[name] && "bg-clay-soft text-clay hover:text-clay",
            )}
            onClick={() => onQuery({ ...query, [name]: !query[name] })}
          >
            <Icon className="size-4" />
          </Button>
        </Tooltip>
      ))}
    </div>
  );
}

function sentence({ groups, truncated, error, searching }: SearchState, query: string): string {
  if (error !== null) return error;
  if (query === "") return "Type what to look for in the files of the workspace.";
  if (groups === null) return searching ? "Searching…" : "";
  if (groups.length === 0) return "Nothing was found. What .gitignore names is not searched.";
  return truncated ? `The first ${summary(groups)}; there are more. Narrow the search.` : summary(groups);
}

/** Text search through the workspace. */
export function SearchView({ sessionId, model }: { sessionId: string; model: ExplorerModel }) {
  const [query, setQuery] = useState<SearchQuery>({
    query: "",
    caseSensitive: false,
    wholeWord: false,
    regex: false,
  });
  const [again, setAgain] = useState(0);
  const state = useSearch(sessionId, query, model.reachable, again);
  return (
    <div className="flex size-full flex-col gap-1.5 pt-2">
      <div className="px-2">
        <QueryField query={query} onQuery={setQuery} onAgain={() => setAgain((count) => count + 1)} />
      </div>
      <div className="flex items-start gap-1 px-2.5 text-muted-foreground text-xs">
        <p
          role="status"
          className={cn(
            "min-w-0 flex-1 break-words py-0.5",
            state.error !== null && "text-destructive",
            state.truncated && "text-warning",
          )}
        >
          {sentence(state, query.query)}
        </p>
        {state.searching && <LoaderCircleIcon className="mt-1 size-3.5 animate-spin" aria-hidden />}
        {!state.searching && query.query !== "" && (
          <Tooltip label="Search again">
            <Button
              variant="quiet"
              size="icon-sm"
              className="size-5"
              aria-label="Search again"
              onClick={() => setAgain((count) => count + 1)}
            >
              <RefreshCwIcon />
            </Button>
          </Tooltip>
        )}
      </div>
      {state.groups !== null && state.error === null && <SearchResults groups={state.groups} />}
    </div>
  );
}
