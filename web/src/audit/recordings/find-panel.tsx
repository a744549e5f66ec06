import { useMemo, useState } from "react";
import { Input } from "../../components/ui/input.tsx";
import { type Cast, clockOf } from "./cast.ts";
import { find, textOf } from "./find.ts";

const maxHits = 200;

/** Searches all that the terminal showed; a hit leads to its moment. */
export function FindPanel({ cast, onSeek }: { cast: Cast; onSeek(at: number): void }) {
  const [wanted, setWanted] = useState("");
  const text = useMemo(() => textOf(cast), [cast]);
  const hits = useMemo(() => find(text, wanted.trim(), maxHits), [text, wanted]);
  const searched = wanted.trim() !== "";
  return (
    <section aria-label="Search in the recording" className="flex min-h-0 flex-col gap-2">
      <Input
        type="search"
        aria-label="Search in the recording"
        placeholder="Search in the recording"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      <p role="status" className="text-muted-foreground text-xs">
        {!searched
          ? "Everything the terminal showed is searched."
          : hits.length === 0
            ? "Nothing found."
            : `${hits.length === maxHits ? `The first ${maxHits}` : hits.length} found`}
      </p>
      <ol className="min-h-0 overflow-y-auto max-lg:max-h-64">
        {hits.map((hit, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: hits have no other name, and are replaced as a whole
          <li key={index}>
            <button
              type="button"
              className="flex w-full gap-2 rounded-md px-2 py-1 text-left text-xs hover:bg-hover"
              onClick={() => onSeek(hit.at)}
            >
              <span className="shrink-0 text-muted-foreground tabular-nums">{clockOf(hit.at)}</span>
              <span className="min-w-0 truncate font-mono">{hit.line}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
