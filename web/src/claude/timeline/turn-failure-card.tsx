"use client";

import { MinimizeIcon, PlayIcon, RotateCcwIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import { useCurrentUser } from "../../lib/current-user.tsx";
import { failureTextFor } from "../model/failures.ts";
import type { TurnFailureItem } from "../model/items.ts";
import { formatDuration } from "../model/tool-text.ts";
import { usePane } from "../pane-context.tsx";
import { BudgetActions } from "../steering/budget-actions.tsx";
import { Figures } from "./turn-footer.tsx";

/** A limit that lasts longer is told by its day and time: nobody waits for its last second. */
const countedDownMs = 3_600_000;

/** When the limit ends, and what to do by then. */
function LimitEnd({ until }: { until: string }) {
  const [now, setNow] = useState(() => Date.now());
  const left = Date.parse(until) - now;
  const over = left <= 0;
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [over]);
  if (over) return <p>The limit has ended: try again.</p>;
  if (left > countedDownMs) {
    const at = new Date(until).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    return <p>The limit ends on {at}. Try again then, or choose another model below the text box.</p>;
  }
  return (
    // Not announced: it changes every second.
    <p aria-live="off">
      The limit ends in {formatDuration(left)} (
      {new Date(until).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}). Try again then.
    </p>
  );
}

/** Those that have a button of their own to go on by. */
const ownWay: readonly TurnFailureItem["reason"][] = ["context-full", "conversation-budget", "turn-limit"];

/** A turn that failed: what happened, what to do about it, and a way to go on, also once its cause was mended elsewhere. */
export function TurnFailureCard({ item }: { item: TurnFailureItem }) {
  const { reader, canUse } = usePane();
  const { title, advice } = failureTextFor(item.reason, useCurrentUser());
  const { prompt } = item;
  // The closed reasons speak for themselves; the rest is only known from the message.
  const own =
    item.reason === "internal" || item.reason === "claude-crashed" || item.reason === "budget-exceeded";
  return (
    <div className="mt-2 mb-5">
      {/* The announcer has told it; a row that is scrolled to is drawn anew, and no news. */}
      <Notice tone={item.retryable ? "warning" : "destructive"} title={title} announced={false}>
        {own && <p className="[overflow-wrap:anywhere]">{item.message}</p>}
        {item.retryAt === null ? <p>{advice}</p> : <LimitEnd until={item.retryAt} />}
        {item.reason === "context-full" && canUse && (
          <Button size="sm" className="mt-2" onClick={() => void reader.send("/compact", [])}>
            <MinimizeIcon className="size-3.5" /> Compact
          </Button>
        )}
        {item.reason === "conversation-budget" && canUse && (
          <BudgetActions
            onRetry={prompt === null ? null : () => reader.send(prompt.text, prompt.attachments)}
          />
        )}
        {item.reason === "turn-limit" && canUse && (
          <Button size="sm" className="mt-2" onClick={() => void reader.send("Go on where you stopped.", [])}>
            <PlayIcon className="size-3.5" /> Go on
          </Button>
        )}
        {!ownWay.includes(item.reason) && canUse && prompt !== null && (
          <Button
            size="sm"
            className="mt-2"
            onClick={() => void reader.send(prompt.text, prompt.attachments)}
          >
            <RotateCcwIcon className="size-3.5" /> Retry
          </Button>
        )}
      </Notice>
      {item.costUsd > 0 && (
        <p className="mt-1.5 text-[11px] text-muted-foreground">
          <Figures durationMs={item.durationMs} costUsd={item.costUsd} usage={item.usage} />
        </p>
      )}
    </div>
  );
}
