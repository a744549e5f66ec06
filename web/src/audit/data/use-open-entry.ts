import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Entry } from "../model/entry.ts";
import { askEntry } from "./ask.ts";

/** The entry that is open: of the list, or asked for by itself, as when somebody was sent its address. */
export function useOpenEntry(id: string | null, entries: readonly Entry[]): Entry | null {
  const listed = useMemo(() => entries.find((entry) => entry.id === id) ?? null, [entries, id]);
  const { data } = useQuery({
    queryKey: ["audit-entry", id],
    queryFn: ({ signal }) => askEntry(id ?? "", signal),
    enabled: id !== null && listed === null,
    retry: false,
  });
  return id === null ? null : (listed ?? data ?? null);
}
