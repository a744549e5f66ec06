"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Filters, toParams } from "../filters/filters.ts";
import type { Entry } from "../model/entry.ts";
import { mergeNewer } from "../model/newest.ts";
import { type Bounds, boundsOf } from "../model/time-range.ts";
import { askEntries } from "./ask.ts";

/** So often is asked for what came since, while Live is on and the page is seen. */
const liveMs = 2000;
/** Transactions end in another order than they begin: an entry may come so much later than its time says. */
const lateMs = 60_000;
/** After a long absence the list is begun anew instead of being filled page by page. */
const maxPagesToCatchUp = 5;

const noEntries: readonly Entry[] = [];

export interface Timeline {
  readonly entries: readonly Entry[];
  /** The moment that "the last hour" counts from: of the first page, so that all pages are of the same hour. */
  readonly now: number;
  readonly error: Error | null;
  /** The first page is not there yet. */
  readonly pending: boolean;
  /** What is shown is still of the filters before. */
  readonly stale: boolean;
  readonly more: boolean;
  readonly loadingMore: boolean;
  /** How far back was looked so far; null: to the end, or it is not known. */
  readonly searchedTo: string | null;
  onMore(): void;
  retry(): void;
}

/** Whether entries can still come into the range. */
export const canBeLive = ({ range }: Filters): boolean =>
  range.kind === "last" || range.to === null || Date.parse(range.to) > Date.now();

/** The entries that fit, newest first, a page at a time; and, live, what comes meanwhile on top. */
export function useTimeline(filters: Filters, live: boolean): Timeline {
  const key = toParams(filters).toString();
  const started = useRef({ key, now: Date.now() });
  if (started.current.key !== key) started.current = { key, now: Date.now() };
  const { now } = started.current;
  const bounds = useMemo(() => boundsOf(filters.range, now), [filters.range, now]);
  const pages = useInfiniteQuery({
    queryKey: ["audit-entries", key],
    queryFn: ({ pageParam, signal }) => askEntries(filters, bounds, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = pages;
  const loaded = useMemo(() => data?.pages.flatMap(({ entries }) => entries) ?? noEntries, [data]);
  const newer = useNewer({
    key,
    filters,
    bounds,
    now,
    live: live && !pages.isPending,
    loaded,
    restart: refetch,
  });
  const entries = useMemo(() => mergeNewer(loaded, newer), [loaded, newer]);
  return {
    entries,
    now,
    error: pages.error,
    pending: pages.isPending,
    stale: pages.isPlaceholderData,
    more: hasNextPage,
    loadingMore: isFetchingNextPage,
    searchedTo: data?.pages.at(-1)?.searchedTo ?? null,
    onMore: useCallback(() => void fetchNextPage(), [fetchNextPage]),
    retry: useCallback(() => void refetch(), [refetch]),
  };
}

interface NewerOptions {
  readonly key: string;
  readonly filters: Filters;
  readonly bounds: Bounds;
  readonly now: number;
  readonly live: boolean;
  readonly loaded: readonly Entry[];
  restart(): unknown;
}

/** What came since the first page, while `live`. */
function useNewer({ key, filters, bounds, now, live, loaded, restart }: NewerOptions): readonly Entry[] {
  const [newer, setNewer] = useState<{ key: string; entries: readonly Entry[] }>({ key, entries: noEntries });
  const known = newer.key === key ? newer.entries : noEntries;
  const latest = useRef({ known, loaded, now, restart });
  latest.current = { known, loaded, now, restart };
  useEffect(() => {
    if (!live) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      if (document.visibilityState === "visible") {
        const found = await catchUp(filters, bounds, latest.current, stop.signal).catch(() => null);
        if (stop.signal.aborted) return;
        if (found === "too much") {
          setNewer({ key, entries: noEntries });
          await latest.current.restart();
          if (stop.signal.aborted) return;
        } else if (found !== null) {
          const entries = mergeNewer(latest.current.known, found);
          if (entries !== latest.current.known) setNewer({ key, entries });
        }
      }
      timer = setTimeout(() => void look(), liveMs);
    };
    void look();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [live, key, filters, bounds]);
  return known;
}

/** What came since the newest entry that is known, and a little before it. */
async function catchUp(
  filters: Filters,
  { from, to }: Bounds,
  { known, loaded, now }: { known: readonly Entry[]; loaded: readonly Entry[]; now: number },
  signal: AbortSignal,
): Promise<readonly Entry[] | "too much"> {
  const newest = Date.parse(known[0]?.at ?? loaded[0]?.at ?? new Date(now).toISOString());
  const since = new Date(newest - lateMs).toISOString();
  const bounds = { from: from !== null && from > since ? from : since, to };
  const found: Entry[] = [];
  let after: string | undefined;
  for (let page = 0; page < maxPagesToCatchUp; page += 1) {
    const { entries, next } = await askEntries(filters, bounds, after, signal);
    found.push(...entries);
    if (next === null) return found;
    after = next;
  }
  // What is known is reached: only what came very late may be missing.
  return Date.parse(found.at(-1)?.at ?? "") <= newest ? found : "too much";
}
