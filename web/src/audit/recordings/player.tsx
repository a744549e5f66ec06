import type { Recording } from "@remote-claude/protocol";
import Link from "next/link";
import { type KeyboardEvent, useRef } from "react";
import type { Cast } from "./cast.ts";
import { Controls } from "./controls.tsx";
import { FindPanel } from "./find-panel.tsx";
import { useReplay } from "./use-replay.ts";

const stepSeconds = 5;

/** The screen as it was, with what moves it: Space plays and pauses, the arrows go five seconds. */
export function Player({ cast, recording, from }: { cast: Cast; recording: Recording; from: number }) {
  const place = useRef<HTMLDivElement>(null);
  const replay = useReplay(cast, place, from);
  const moment = new Date(Date.parse(recording.startedAt) + replay.at * 1000);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    // Where a key has a meaning of its own, it keeps it.
    if (event.target instanceof HTMLElement && event.target.closest("input, button, a, [role=combobox]"))
      return;
    const step = event.key === "ArrowRight" ? stepSeconds : event.key === "ArrowLeft" ? -stepSeconds : 0;
    if (event.key === " ") replay.toggle();
    else if (step !== 0) replay.seek(replay.at + step);
    else return;
    event.preventDefault();
  };

  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-[minmax(0,1fr)_18rem]">
      <section
        aria-label="Replay"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of the replay need somewhere to go
        tabIndex={0}
        onKeyDown={onKeyDown}
        className="min-w-0 overflow-hidden rounded-lg border bg-background"
      >
        <div className="overflow-hidden p-2">
          <div
            ref={place}
            className="[&>.xterm]:w-fit [&>.xterm]:origin-top-left [&>.xterm]:[scale:var(--scale,1)]"
          />
        </div>
        <p role="note" className="truncate border-t px-3 py-1.5 text-muted-foreground text-xs">
          <Link
            className="underline-offset-4 hover:underline"
            href={`/audit?session=${recording.sessionId}&from=${encodeURIComponent(moment.toISOString())}`}
          >
            {moment.toLocaleString()}
          </Link>
          {replay.note !== null && <span> · {replay.note}</span>}
        </p>
        <Controls replay={replay} duration={cast.duration} />
      </section>
      <FindPanel cast={cast} onSeek={replay.seek} />
    </div>
  );
}
