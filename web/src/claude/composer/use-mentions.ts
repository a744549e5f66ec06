"use client";

import { useEffect, useState } from "react";
import { live } from "../../lib/live.ts";
import { findMention, type Mention } from "./mentions.ts";

const limit = 8;

/** The paths that fit the mention at the cursor; null while there is none. */
export function useMentions(sessionId: string, text: string, cursor: number) {
  const mention: Mention | null = findMention(text, cursor);
  const query = mention?.query ?? null;
  const [found, setFound] = useState<{ query: string; paths: readonly string[] } | null>(null);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const [active, setActive] = useState(0);
  useEffect(() => {
    if (query === null) {
      setFound(null);
      setDismissed(null);
      return;
    }
    let current = true;
    live.command("file.find", sessionId, { query, limit }, { offline: "fail" }).then(
      ({ paths }) => {
        if (!current) return;
        setFound({ query, paths });
        setActive(0);
      },
      () => current && setFound(null),
    );
    return () => {
      current = false;
    };
  }, [sessionId, query]);
  const open = mention !== null && found !== null && found.paths.length > 0 && dismissed !== mention.start;
  return {
    mention,
    paths: open ? found.paths : null,
    active: Math.min(active, (found?.paths.length ?? 1) - 1),
    setActive,
    dismiss: () => setDismissed(mention?.start ?? null),
  };
}
