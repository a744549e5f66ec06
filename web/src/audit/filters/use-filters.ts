"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";
import { type Filters, filtersOf, toParams } from "./filters.ts";

const openRow = "row";

/** The page's address with other parameters: what one came from is a step back. */
function goTo(params: URLSearchParams, how: "push" | "replace"): void {
  const url = params.size === 0 ? window.location.pathname : `${window.location.pathname}?${params}`;
  if (how === "push") window.history.pushState(null, "", url);
  else window.history.replaceState(null, "", url);
}

/** The filters that the address names, and the way to change them; going back in the browser undoes a change. */
export function useFilters() {
  const params = useSearchParams();
  const search = params.toString();
  const filters = useMemo(() => filtersOf(new URLSearchParams(search)), [search]);
  const setFilters = useCallback((next: Filters, how: "push" | "replace" = "push") => {
    goTo(toParams(next), how);
  }, []);
  return { filters, setFilters };
}

/** The row that is open, by its id: it stands in the address too, as what one wants to send to somebody. */
export function useOpenRow() {
  const open = useSearchParams().get(openRow);
  const setOpen = useCallback((id: string | null) => {
    const params = new URLSearchParams(window.location.search);
    if (id === null) params.delete(openRow);
    else params.set(openRow, id);
    // Going through the rows by keys is no step back each.
    goTo(params, "replace");
  }, []);
  return [open, setOpen] as const;
}
