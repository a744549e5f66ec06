"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { noFilters } from "../filters/filters.ts";
import type { Entry } from "../model/entry.ts";
import { askEntries } from "./ask.ts";

/** More of a session is not told in one go: its last part is. */
const maxPages = 50;

const nowhere = { from: null, to: null };

/** All entries of a session, oldest first; they come page by page from the newest on. */
export function useStory(sessionId: string) {
  const { data, error, hasNextPage, isFetching, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ["audit-story", sessionId],
    queryFn: ({ pageParam, signal }) =>
      askEntries({ ...noFilters, session: sessionId }, nowhere, pageParam, signal),
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
  const complete = data !== undefined && !wanted;
  const entries = useMemo<readonly Entry[]>(
    () => (complete ? (data?.pages.flatMap((page) => page.entries).reverse() ?? []) : []),
    [complete, data],
  );
  const session = useMemo(() => {
    const named = data?.pages[0]?.entries.find((entry) => entry.session !== null)?.session;
    return named?.name ?? null;
  }, [data]);
  return {
    session,
    entries,
    error,
    complete,
    /** What lies before the first entry is left out. */
    cut: complete && hasNextPage,
    retry: () => void (data === undefined ? refetch() : fetchNextPage()),
  };
}
