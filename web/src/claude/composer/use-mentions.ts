"use client";

import type { Reply } from "@remote-claude/protocol";
import { useEffect, useState } from "react";
import { live } from "../../lib/live.ts";
import { findMention, type Mention } from "./mentions.ts";

/** Of each kind; the files come first. */
const limits = { files: 8, symbols: 6 };

type FoundSymbol = Reply<"file.find-symbols">["symbols"][number];

/** Something that can be mentioned: a file, or what one declares in a line of it. */
export type Choice =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "symbol"; readonly symbol: FoundSymbol };

async function find(sessionId: string, query: string): Promise<Choice[]> {
  const ask = { offline: "fail" } as const;
  const [{ paths }, { symbols }] = await Promise.all([
    live.command("file.find", sessionId, { query, limit: limits.files }, ask),
    // An older session knows none.
    live
      .command("file.find-symbols", sessionId, { query, limit: limits.symbols }, ask)
      .catch(() => ({ symbols: [] as FoundSymbol[] })),
  ]);
  return [
    ...paths.map((path) => ({ kind: "file", path }) as const),
    ...symbols.map((symbol) => ({ kind: "symbol", symbol }) as const),
  ];
}

/** The files and symbols that fit the mention at the cursor; null while there is none. */
export function useMentions(sessionId: string, text: string, cursor: number) {
  const mention: Mention | null = findMention(text, cursor);
  const query = mention?.query ?? null;
  const [found, setFound] = useState<{ query: string; choices: readonly Choice[] } | null>(null);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const [active, setActive] = useState(0);
  useEffect(() => {
    if (query === null) {
      setFound(null);
      setDismissed(null);
      return;
    }
    let current = true;
    find(sessionId, query).then(
      (choices) => {
        if (!current) return;
        setFound({ query, choices });
        setActive(0);
      },
      () => current && setFound(null),
    );
    return () => {
      current = false;
    };
  }, [sessionId, query]);
  const open = mention !== null && found !== null && found.choices.length > 0 && dismissed !== mention.start;
  return {
    mention,
    choices: open ? found.choices : null,
    active: Math.min(active, (found?.choices.length ?? 1) - 1),
    setActive,
    dismiss: () => setDismissed(mention?.start ?? null),
  };
}
