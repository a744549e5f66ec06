import { AppError, type Reply } from "@remote-claude/protocol";
import { useEffect, useMemo, useState } from "react";
import { messageOf } from "../../../lib/errors.ts";
import { live } from "../../../lib/live.ts";
import { groupMatches, type SearchGroup } from "./search-groups.ts";

/** Typing is over when no key comes for so long. */
const pauseMs = 250;
const limit = 2000;

export interface SearchQuery {
  query: string;
  caseSensitive: boolean;
  wholeWord: boolean;
  regex: boolean;
}

export interface SearchState {
  searching: boolean;
  /** null before the first answer. */
  groups: readonly SearchGroup[] | null;
  truncated: boolean;
  error: string | null;
}

const nothing = { answer: null, error: null };

/** ripgrep's complaint about an expression, without its drawing of where. */
function complaint(error: unknown): string {
  if (error instanceof AppError && error.code === "bad_request") {
    const reason = /error: ([^\n]+)$/.exec(error.message)?.[1];
    if (reason !== undefined) return `The expression is not valid: ${reason}.`;
  }
  return messageOf(error);
}

/** Searches the workspace a moment after the query has changed, or when `again` does. */
export function useSearch(
  sessionId: string,
  { query, caseSensitive, wholeWord, regex }: SearchQuery,
  reachable: boolean,
  again: number,
): SearchState {
  const [state, setState] = useState<{ answer: Reply<"file.search"> | null; error: string | null }>(nothing);
  const [searching, setSearching] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` asks for the same once more
  useEffect(() => {
    if (query === "") {
      setState(nothing);
      setSearching(false);
      return;
    }
    if (!reachable) return;
    let current = true;
    setSearching(true);
    const payload = { query, caseSensitive, wholeWord, regex, limit };
    const timer = setTimeout(() => {
      live
        .command("file.search", sessionId, payload, { offline: "fail", timeoutMs: 40_000 })
        .then(
          (answer) => current && setState({ answer, error: null }),
          (error: unknown) => current && setState({ answer: null, error: complaint(error) }),
        )
        .finally(() => current && setSearching(false));
    }, pauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [sessionId, query, caseSensitive, wholeWord, regex, reachable, again]);
  const { answer, error } = state;
  const groups = useMemo(() => (answer === null ? null : groupMatches(answer.matches)), [answer]);
  return { searching, groups, truncated: answer?.truncated ?? false, error };
}
