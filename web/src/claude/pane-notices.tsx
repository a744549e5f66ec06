"use client";

import { getConfig } from "@remote-claude/protocol";
import { useQuery } from "@tanstack/react-query";
import { memo } from "react";
import { Notice } from "../components/notice.tsx";
import { call } from "../lib/api.ts";
import { failureTexts } from "./model/failures.ts";

/** Says before the first message what would only fail after it: no model key is configured. */
export const KeyMissingNotice = memo(function KeyMissingNotice() {
  const config = useQuery({
    queryKey: ["config"],
    queryFn: ({ signal }) => call(getConfig, { signal }),
    staleTime: 30_000,
    // Someone may set the key meanwhile; then the notice goes away.
    refetchInterval: (query) => (query.state.data?.modelKeyConfigured === false ? 15_000 : false),
  });
  if (config.data?.modelKeyConfigured !== false) return null;
  const { title, advice } = failureTexts["key-missing"];
  return (
    <Notice tone="warning" title={title} className="mx-3 mt-3">
      {advice}
    </Notice>
  );
});
