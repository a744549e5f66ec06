"use client";

import type { ISearchOptions, SearchAddon } from "@xterm/addon-search";
import { ArrowDownIcon, ArrowUpIcon, CaseSensitiveIcon, RegexIcon, XIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { notLoaded } from "../../lib/errors.ts";
import { toast } from "../../lib/toast.ts";
import type { TerminalController } from "./terminal-controller.ts";

const decorations = {
  matchBackground: "#d9775755",
  matchOverviewRuler: "#d97757",
  activeMatchBackground: "#d97757aa",
  activeMatchColorOverviewRuler: "#d97757",
};

/** Searches in a terminal while its find box is there; null until that is fetched. */
function useSearch({ terminal }: TerminalController, onFailed: () => void): SearchAddon | null {
  const [search, setSearch] = useState<SearchAddon | null>(null);
  const failed = useRef(onFailed);
  failed.current = onFailed;
  useEffect(() => {
    let addon: SearchAddon | null = null;
    let ended = false;
    import("@xterm/addon-search").then(
      (module) => {
        if (ended) return;
        addon = new module.SearchAddon();
        terminal.loadAddon(addon);
        setSearch(addon);
      },
      () => ended || failed.current(),
    );
    return () => {
      ended = true;
      addon?.dispose();
    };
  }, [terminal]);
  return search;
}

/** Finds text in what a terminal shows and what has scrolled away. */
export function FindBox({ controller, onClose }: { controller: TerminalController; onClose(): void }) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [caseSensitive, setCaseSensitive] = useState(false);
  const [regex, setRegex] = useState(false);
  const [found, setFound] = useState<{ resultIndex: number; resultCount: number } | null>(null);
  const close = () => {
    onClose();
    controller.focus();
  };
  const search = useSearch(controller, () => {
    close();
    toast.error(notLoaded);
  });

  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    const results = search?.onDidChangeResults(setFound);
    return () => results?.dispose();
  }, [search]);

  const options: ISearchOptions = { caseSensitive, regex, decorations };
  const find = (backwards: boolean) => {
    if (text === "") return;
    if (backwards) search?.findPrevious(text, options);
    else search?.findNext(text, options);
  };
  useEffect(() => {
    if (text === "") search?.clearDecorations();
    else search?.findNext(text, { caseSensitive, regex, decorations, incremental: true });
  }, [search, text, caseSensitive, regex]);

  const count =
    text === "" || found === null
      ? ""
      : found.resultCount === 0
        ? "No results"
        : `${found.resultIndex + 1} of ${found.resultCount}`;
  return (
    <search className="absolute top-1 right-4 z-10 flex items-center gap-0.5 rounded-lg border bg-surface p-1 shadow-pop">
      <input
        ref={input}
        aria-label="Find in terminal"
        placeholder="Find"
        className="h-6 w-44 bg-transparent px-1.5 text-xs outline-none placeholder:text-muted-foreground"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") find(!event.shiftKey);
          if (event.key === "Escape") close();
        }}
      />
      <span className="w-16 text-right text-[11px] text-muted-foreground" role="status">
        {count}
      </span>
      <Button
        variant="quiet"
        size="icon-sm"
        aria-label="Match case"
        aria-pressed={caseSensitive}
        className="aria-pressed:bg-selected aria-pressed:text-foreground"
        onClick={() => setCaseSensitive(!caseSensitive)}
      >
        <CaseSensitiveIcon />
      </Button>
      <Button
        variant="quiet"
        size="icon-sm"
        aria-label="Regular expression"
        aria-pressed={regex}
        className="aria-pressed:bg-selected aria-pressed:text-foreground"
        onClick={() => setRegex(!regex)}
      >
        <RegexIcon />
      </Button>
      <Button variant="quiet" size="icon-sm" aria-label="Previous match" onClick={() => find(true)}>
        <ArrowUpIcon />
      </Button>
      <Button variant="quiet" size="icon-sm" aria-label="Next match" onClick={() => find(false)}>
        <ArrowDownIcon />
      </Button>
      <Button variant="quiet" size="icon-sm" aria-label="Close find" onClick={close}>
        <XIcon />
      </Button>
    </search>
  );
}
