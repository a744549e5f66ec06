import {
  getVerification,
  startVerification,
  stopVerification,
  type Verification,
} from "@remote-claude/protocol";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../../lib/api.ts";

const lookMs = 500;
const key = ["audit-verification"];

/** The verification that runs, or ran last, for everybody alike; `open`: somebody looks. */
export function useVerification(open: boolean) {
  const queries = useQueryClient();
  const put = (found: Verification) => queries.setQueryData(key, found);
  const { data, error } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => call(getVerification, { signal }),
    enabled: open,
    refetchInterval: ({ state }) => (state.data?.state === "running" ? lookMs : false),
  });
  const start = useMutation({ mutationFn: () => call(startVerification), onSuccess: put });
  const stop = useMutation({
    mutationFn: () => call(stopVerification),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
  return {
    found: data ?? null,
    error: start.error ?? stop.error ?? error,
    starting: start.isPending,
    start: () => start.mutate(),
    stop: () => stop.mutate(),
  };
}
