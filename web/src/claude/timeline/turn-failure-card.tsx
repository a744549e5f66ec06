"use client";

import { RotateCcwIcon } from "lucide-react";
import { Notice } from "../../components/notice.tsx";
import { Button } from "../../components/ui/button.tsx";
import { failureTexts } from "../model/failures.ts";
import type { TurnFailureItem } from "../model/items.ts";
import { usePane } from "../pane-context.tsx";
import { BudgetActions } from "../steering/budget-actions.tsx";
import { Figures } from "./turn-footer.tsx";

/** A turn that failed: what happened, what to do about it, and where that helps a way to try again. */
export function TurnFailureCard({ item }: { item: TurnFailureItem }) {
  const { reader, canUse } = usePane();
  const { title, advice } = failureTexts[item.reason] ?? failureTexts.internal;
  const { prompt } = item;
  // The closed reasons speak for themselves; the rest is only known from the message.
  const own =
    item.reason === "internal" || item.reason === "claude-crashed" || item.reason === "budget-exceeded";
  return (
    <div className="mt-2 mb-5">
      <Notice tone={item.retryable ? "warning" : "destructive"} title={title}>
        {own && <p className="[overflow-wrap:anywhere]">{item.message}</p>}
        <p>{advice}</p>
        {item.reason === "conversation-budget" && canUse && (
          <BudgetActions
            onRetry={prompt === null ? null : () => reader.send(prompt.text, prompt.attachments)}
          />
        )}
        {item.retryable && canUse && prompt !== null && (
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
