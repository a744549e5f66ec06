import { type ConversationHit, searchConversations, type TitleHit } from "@remote-claude/protocol";
import { useEffect, useState } from "react";
import { call } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";

/** How long typing must rest before it is looked for. */
const restMs = 200;

export interface Found {
  /** What these answer; null before the first answer. */
  readonly query: string | null;
  readonly hits: readonly ConversationHit[];
  readonly titles: readonly TitleHit[];
  readonly more: boolean;
  readonly error: string | null;
}

const nothing: Found = { query: null, hits: [], titles: [], more: false, error: null };

/** Looks for what is typed, in one session or in all; answers to older questions are dropped. */
export function useFindConversations(text: string, sessionId: string | null) {
  const [found, setFound] = useState<Found>(nothing);
  const [loadingMore, setLoadingMore] = useState(false);
  const q = text.trim();
  useEffect(() => {
    if (q === "") {
      setFound(nothing);
      return;
    }
    const aborted = new AbortController();
    const timer = setTimeout(() => {
      const query = { q, ...(sessionId === null ? {} : { sessionId }) };
      call(searchConversations, { query, signal: aborted.signal }).then(
        (answer) => !aborted.signal.aborted && setFound({ query: q, error: null, ...answer }),
        (error: unknown) =>
          !aborted.signal.aborted && setFound({ ...nothing, query: q, error: messageOf(error) }),
      );
    }, restMs);
    return () => {
      clearTimeout(timer);
      aborted.abort();
    };
  }, [q, sessionId]);

  const loadMore = async () => {
    const last = found.hits.at(-1);
    if (last === undefined || loadingMore) return;
    setLoadingMore(true);
    const query = { q, before: last.at, ...(sessionId === null ? {} : { sessionId }) };
    try {
      const { hits, more } = await call(searchConversations, { query });
      setFound((now) => (now.query === q ? { ...now, hits: [...now.hits, ...hits], more } : now));
    } catch (error) {
      setFound((now) => ({ ...now, error: messageOf(error) }));
    } finally {
      setLoadingMore(false);
    }
  };
  return { found, loadMore, loadingMore, asking: q !== "" && found.query !== q };
}
