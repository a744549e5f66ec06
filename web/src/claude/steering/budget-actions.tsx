"use client";

import { GaugeIcon, RotateCcwIcon } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import { runCommand } from "../../workbench/commands.ts";

/** The way to go on where the conversation's budget is used up. */
export function BudgetActions({ onRetry }: { onRetry: (() => Promise<unknown>) | null }) {
  return (
    <div className="mt-2 flex flex-wrap gap-2">
      <Button size="sm" onClick={() => runCommand("claude.limits")}>
        <GaugeIcon className="size-3.5" /> Raise the budget…
      </Button>
      {onRetry !== null && (
        <Button size="sm" onClick={() => void onRetry()}>
          <RotateCcwIcon className="size-3.5" /> Retry
        </Button>
      )}
    </div>
  );
}
