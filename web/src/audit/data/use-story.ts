"use client";

import { getAuditStory, type JournalEntry } from "@remote-claude/protocol";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { call } from "../../lib/api.ts";
import type { Entry } from "../model/entry.ts";
import { type Told, toldOf } from "../story/told.ts";

/** More of a session is not told in one go: its first part is. */
const maxPages = 40;

/** A session from its beginning: what is on record of it, and what was said in it. They come page by page. */
export function useStory(sessionId: string) {
  const { data, error, hasNextPage, isFetching, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ["audit-story", sessionId],
    queryFn: ({ pageParam, signal }) =>
      call(getAuditStory, { signal, params: { sessionId }, query: { after: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const pages = data?.pages.length ?? 0;
  const wanted = hasNextPage && pages < maxPages;
  useEffect(() => {
    if (wanted && !isFetching && error === null) void fetchNextPage();
  }, [wanted, isFetching, error, fetchNextPage]);
  const entries = useMemo<readonly Entry[]>(() => data?.pages.flatMap((page) => page.entries) ?? [], [data]);
  const conversations = useMemo(() => toldBy(data?.pages.flatMap((page) => page.journal) ?? []), [data]);
  return {
    session: data?.pages[0]?.session ?? null,
    entries,
    conversations,
    error,
    complete: data !== undefined && !wanted,
    /** What lies behind the last piece is left out. */
    cut: hasNextPage && pages >= maxPages,
    retry: () => void (data === undefined ? refetch() : fetchNextPage()),
  };
}

function toldBy(journal: readonly JournalEntry[]): ReadonlyMap<string, Told> {
  const byConversation = Map.groupBy(journal, ({ conversationId }) => conversationId);
  return new Map([...byConversation].map(([id, entries]) => [id, toldOf(entries)]));
}
