"use client";

import { type AuditEntry, listRecordings, type Recording } from "@remote-claude/protocol";
import { PlayIcon } from "lucide-react";
import Link from "next/link";
import { useEffect, useState } from "react";
import { call } from "../../lib/api.ts";

const mostTerminals = 10;

/**
 * What an entry's session showed in its terminals at that moment, to watch from then on; of an entry that is of one
 * terminal, that terminal alone. Nothing where nothing was recorded.
 */
export function RecordingLinks({ entry }: { entry: AuditEntry }) {
  const { at } = entry;
  const sessionId = entry.session?.id;
  const { terminalId } = entry.details;
  const [recordings, setRecordings] = useState<readonly Recording[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    setRecordings([]);
    if (sessionId === undefined) return;
    const which = typeof terminalId === "string" ? { terminalId } : { at };
    call(listRecordings, { query: { sessionId, ...which, limit: mostTerminals }, signal: abort.signal })
      .then((found) => setRecordings(found.recordings))
      // An entry is read without them as well.
      .catch(() => {});
    return () => abort.abort();
  }, [sessionId, terminalId, at]);
  if (recordings.length === 0) return null;
  return (
    <section aria-label="Recordings">
      <h3 className="mb-1 font-medium text-muted-foreground text-xs">Terminals at this moment</h3>
      <ul className="flex flex-col gap-0.5">
        {recordings.map(({ id, title }) => (
          <li key={id}>
            <Link
              className="flex items-center gap-1.5 rounded-md py-1 text-clay underline-offset-4 hover:underline"
              href={`/audit/recordings/${id}?at=${encodeURIComponent(at)}`}
            >
              <PlayIcon className="size-3.5" aria-hidden /> Replay {title}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
