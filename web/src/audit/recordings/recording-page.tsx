"use client";

import { downloadRecording, type Recording } from "@remote-claude/protocol";
import { DownloadIcon, ListIcon } from "lucide-react";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { AppHeader } from "../../components/app-header.tsx";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { request, urlOf } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";
import { type Cast, parseCast } from "./cast.ts";
import { Player } from "./player.tsx";

const endings: Readonly<Record<NonNullable<Recording["endReason"]>, string>> = {
  closed: "to its end",
  limit: "until the recording was as long as it may be",
  "switched-off": "until recording was switched off",
  "session-ended": "until the session ended",
};

function useCast(recordingId: string): Cast | string | null {
  const [state, setState] = useState<Cast | string | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    request(downloadRecording, { params: { recordingId }, signal: abort.signal })
      .then(async (response) => setState(parseCast(await response.text())))
      .catch((error: unknown) => !abort.signal.aborted && setState(messageOf(error)));
    return () => abort.abort();
  }, [recordingId]);
  return state;
}

/** Replays one recording. `?at=` in the address, an ISO time, says from which moment. */
export function RecordingPage({ recording }: { recording: Recording }) {
  const { id, sessionId, sessionName, title, startedAt, endReason, gapBytes } = recording;
  const cast = useCast(id);
  const wanted = Date.parse(useSearchParams().get("at") ?? "");
  const from = Number.isNaN(wanted) ? 0 : Math.max(0, (wanted - Date.parse(startedAt)) / 1000);
  return (
    <>
      <AppHeader />
      <main className="mx-auto flex w-full max-w-6xl min-w-0 flex-col gap-3 px-4 py-4">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <div className="min-w-0 flex-1 basis-full sm:basis-52">
            <h1 className="truncate font-semibold text-lg tracking-tight">
              {title} of {sessionName}
            </h1>
            <p className="text-muted-foreground text-xs">
              Recorded from {new Date(startedAt).toLocaleString()}{" "}
              {endReason === null ? "and still going on; reload for what came since" : endings[endReason]}.
            </p>
          </div>
          <Button asChild>
            <Link href={`/audit?session=${sessionId}&from=${encodeURIComponent(startedAt)}`}>
              <ListIcon /> Audit record
            </Link>
          </Button>
          <Button asChild>
            <a href={urlOf(downloadRecording, { recordingId: id })} download>
              <DownloadIcon /> Download
            </a>
          </Button>
        </div>
        {gapBytes > 0 && (
          <Notice
            tone="warning"
            title="Something is missing: it came faster than it could be recorded, or nobody could record it. The replay says where."
          />
        )}
        {cast === null ? (
          <Skeleton className="h-96 w-full" />
        ) : typeof cast === "string" ? (
          <Notice tone="destructive" title={cast} />
        ) : cast.events.length === 0 ? (
          <Notice tone="info" title="This terminal has shown nothing yet." />
        ) : (
          <Player cast={cast} recording={recording} from={from} />
        )}
      </main>
    </>
  );
}
