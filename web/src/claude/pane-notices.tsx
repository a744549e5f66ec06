"use client";

import { getConfig } from "@remote-claude/protocol";
import { useQuery } from "@tanstack/react-query";
import { memo } from "react";
import { Notice } from "../components/notice.tsx";
import { call } from "../lib/api.ts";
import { useCurrentUser } from "../lib/current-user.tsx";
import { failureTextFor } from "./model/failures.ts";
import type { TimelineItem } from "./model/items.ts";

/** Says before the first message what would only fail after it: no model key is configured. */
export const KeyMissingNotice = memo(function KeyMissingNotice() {
  const user = useCurrentUser();
  const config = useQuery({
    queryKey: ["config"],
    queryFn: ({ signal }) => call(getConfig, { signal }),
    staleTime: 30_000,
    // Someone may set the key meanwhile; then the notice goes away.
    refetchInterval: (query) => (query.state.data?.modelKeyConfigured === false ? 15_000 : false),
  });
  if (config.data?.modelKeyConfigured !== false) return null;
  const { title, advice } = failureTextFor("key-missing", user);
  return (
    <Notice tone="warning" title={title} className="mx-3 mt-3">
      {advice}
    </Notice>
  );
});

/** The last turn failed for it: the talk's end says the very same words. */
export function endsKeyMissing(items: readonly TimelineItem[]): boolean {
  const last = items.findLast(({ kind }) => kind === "turn-end" || kind === "turn-failure");
  return last?.kind === "turn-failure" && last.reason === "key-missing";
}
