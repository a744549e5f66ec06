"use client";

import { ChevronDownIcon, ChevronUpIcon, XIcon } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "../../components/ui/button.tsx";
import { groupOf } from "../model/action-groups.ts";
import type { Entry } from "../model/entry.ts";
import { sentenceOf, wordsOf } from "../model/words.ts";
import { ResultBadge } from "../parts/result-badge.tsx";
import { EntryFields } from "./entry-fields.tsx";

interface DetailPanelProps {
  readonly entry: Entry;
  onClose(): void;
  /** To the entry above or below in the list. */
  onMove(step: number): void;
  /** Proof, and whatever else belongs to this kind of entry. */
  readonly children: ReactNode;
}

/**
 * One entry, beside the list on a wide screen (which goes on living: j and k lead from one to the next), in place of
 * it on a phone.
 */
export function DetailPanel({ entry, onClose, onMove, children }: DetailPanelProps) {
  const panel = useRef<HTMLElement>(null);
  const { Icon, title } = groupOf(entry.action);
  const [words, sentence] = [wordsOf(entry.action), sentenceOf(entry.action)];
  // Where it covers the list, the keyboard must not stay behind.
  useEffect(() => {
    if (window.matchMedia("(max-width: 767px)").matches) panel.current?.focus();
  }, []);
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label="Entry"
      className="fixed inset-0 z-30 flex flex-col bg-background outline-none md:sticky md:inset-auto md:top-11 md:z-0 md:h-[calc(100dvh-2.75rem)] md:w-[25rem] md:shrink-0 md:border-l"
    >
      <div className="flex h-11 shrink-0 items-center gap-1 border-b px-3 md:h-10">
        <span className="flex min-w-0 flex-1 items-center gap-1.5 truncate text-muted-foreground text-xs">
          <Icon aria-hidden className="size-3.5" /> {title}
        </span>
        <Button
          variant="quiet"
          size="icon-sm"
          aria-label="Newer entry"
          title="Newer (K)"
          onClick={() => onMove(-1)}
        >
          <ChevronUpIcon />
        </Button>
        <Button
          variant="quiet"
          size="icon-sm"
          aria-label="Older entry"
          title="Older (J)"
          onClick={() => onMove(1)}
        >
          <ChevronDownIcon />
        </Button>
        <Button variant="quiet" size="icon-sm" aria-label="Close entry" title="Close (Esc)" onClick={onClose}>
          <XIcon />
        </Button>
      </div>
      <div
        className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4 outline-offset-[-2px]"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must be able to get there
        tabIndex={0}
      >
        <div aria-live="polite">
          <h2 className="flex flex-wrap items-center gap-2 font-semibold text-base">
            {words} <ResultBadge result={entry.result} />
          </h2>
          {sentence !== `${words}.` && <p className="text-muted-foreground text-xs">{sentence}</p>}
        </div>
        <EntryFields entry={entry} />
        {children}
      </div>
    </aside>
  );
}
