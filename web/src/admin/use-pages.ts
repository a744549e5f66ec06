import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/** What was typed, once the typing pauses: so that not every letter is a request. */
export function useSettled(value: string, ms = 250): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

interface Page {
  next: string | null;
}

/** A list that the api gives a page at a time: each says where the next one begins. */
export function usePages<Found extends Page>(
  key: readonly unknown[],
  ask: (after: string | undefined, signal: AbortSignal) => Promise<Found>,
) {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
  });
}
