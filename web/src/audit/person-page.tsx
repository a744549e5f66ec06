"use client";

import { useQuery } from "@tanstack/react-query";
import { askEntries } from "./data/ask.ts";
import { noFilters } from "./filters/filters.ts";
import { ReviewPage } from "./review-page.tsx";

/** One person across all sessions: what they did, what their tokens did, and what Claude did for them. */
export function PersonPage({ userId }: { userId: string }) {
  const { data } = useQuery({
    queryKey: ["audit-person", userId],
    queryFn: async ({ signal }) => {
      const nowhere = { from: null, to: null };
      const { entries } = await askEntries({ ...noFilters, person: userId }, nowhere, undefined, signal);
      return entries.find(({ person }) => person?.id === userId)?.person ?? null;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <ReviewPage
      person={userId}
      title={data?.name ?? "One person"}
      about={
        <>
          {data != null && `${data.email} · `}What they did, and what their tokens and Claude did for them, in
          every session
        </>
      }
      back={{ href: "/audit", label: "Back to the whole record" }}
    />
  );
}
