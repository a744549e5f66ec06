"use client";

import { useQuery } from "@tanstack/react-query";
import { ClockIcon } from "lucide-react";
import { useMemo } from "react";
import { Notice } from "../../components/notice.tsx";
import { messageOf } from "../../lib/errors.ts";
import { askProof } from "../data/ask.ts";
import type { Entry } from "../model/entry.ts";
import { Fingerprint } from "../parts/fingerprint.tsx";
import { ProofView } from "./proof-view.tsx";

/** A seal comes at least every minute; asked again a little more often. */
const askAgainMs = 10_000;

/** Whether the entry is in a seal, and what of that was checked. */
export function ProofSection({ entry }: { entry: Entry }) {
  const { data, error } = useQuery({
    queryKey: ["audit-proof", entry.id],
    queryFn: ({ signal }) => askProof(entry.id, signal),
    refetchInterval: ({ state }) => (state.data?.proof === null ? askAgainMs : false),
  });
  const shown = useMemo(() => {
    const { id, at, actorKind, action, result, target, address, userAgent, requestId, details } = entry;
    return {
      ...{ id, at, actorKind, action, result, target, address, userAgent, requestId, details },
      userId: entry.person?.id ?? null,
      tokenId: entry.token?.id ?? null,
      onBehalfOf: entry.onBehalfOf?.id ?? null,
      sessionId: entry.session?.id ?? null,
    };
  }, [entry]);
  return (
    <section aria-label="Proof" className="flex flex-col gap-2 border-t pt-3">
      <h3 className="font-semibold text-xs">Proof of inclusion</h3>
      {error !== null && <Notice tone="destructive" title={messageOf(error)} />}
      {data === undefined && error === null && (
        <p role="status" className="text-muted-foreground text-xs">
          Asking for the proof…
        </p>
      )}
      {data?.proof === null && (
        <p role="status" className="flex items-center gap-2 text-muted-foreground">
          <ClockIcon aria-hidden className="size-3.5 shrink-0" /> Not sealed yet: within a minute.
        </p>
      )}
      {data != null && data.proof !== null && (
        <>
          <ProofView proof={data.proof} shown={shown} />
          <dl className="mt-1 flex flex-col gap-1.5">
            <div>
              <dt className="text-muted-foreground text-xs">Seal {data.proof.seal.number}, its hash</dt>
              <dd>
                <Fingerprint label="the seal’s hash" value={data.proof.seal.hash} />
              </dd>
            </div>
            <div>
              <dt className="text-muted-foreground text-xs">Key, its fingerprint</dt>
              <dd>
                <Fingerprint label="the key’s fingerprint" value={data.proof.seal.keyId} />
              </dd>
            </div>
          </dl>
        </>
      )}
    </section>
  );
}
