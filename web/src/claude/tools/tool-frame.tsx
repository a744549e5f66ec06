"use client";

import {
  ChevronRightIcon,
  CircleAlertIcon,
  CircleCheckIcon,
  CircleSlashIcon,
  HandIcon,
  LoaderCircleIcon,
  type LucideIcon,
} from "lucide-react";
import { type ReactNode, useId } from "react";
import { cn } from "../../lib/utils.ts";
import type { ToolCall, ToolState } from "../model/items.ts";
import { useRowState } from "../timeline/row-memory.ts";
import { errorOf } from "./error-text.tsx";

const states: Record<ToolState, { Icon: LucideIcon; label: string; className: string }> = {
  writing: {
    Icon: LoaderCircleIcon,
    label: "Being prepared",
    className: "animate-spin text-muted-foreground",
  },
  running: { Icon: LoaderCircleIcon, label: "Running", className: "animate-spin text-clay" },
  asking: { Icon: HandIcon, label: "Waiting for permission", className: "text-warning" },
  done: { Icon: CircleCheckIcon, label: "Done", className: "text-success" },
  failed: { Icon: CircleAlertIcon, label: "Failed", className: "text-destructive" },
  denied: { Icon: CircleSlashIcon, label: "Denied", className: "text-muted-foreground" },
  stopped: { Icon: CircleSlashIcon, label: "Stopped", className: "text-muted-foreground" },
};

export function StateIcon({ state }: { state: ToolState }) {
  const { Icon, label, className } = states[state];
  return <Icon role="img" aria-label={label} className={cn("size-3.5 shrink-0", className)} />;
}

/** A call as a card: one line that says what it is, and what is in it below, open or not. */
export function ToolFrame({
  call,
  title,
  aside,
  actions,
  children,
  open: initiallyOpen = false,
}: {
  call: Pick<ToolCall, "id" | "state" | "result">;
  title: ReactNode;
  /** Small figures at the end of the line. */
  aside?: ReactNode;
  /** Buttons at the end of the line. */
  actions?: ReactNode;
  children?: ReactNode;
  open?: boolean;
}) {
  const id = useId();
  const [chosen, setChosen] = useRowState<boolean | null>(`open ${call.id}`, null);
  const hasBody = children !== undefined && children !== null && children !== false;
  const open = hasBody && (chosen ?? (initiallyOpen || call.state === "asking"));
  return (
    <div
      data-tool-state={call.state}
      className={cn(
        "overflow-hidden rounded-lg border bg-surface",
        call.state === "asking" && "border-warning/60 shadow-xs",
      )}
    >
      <div className={cn("flex min-h-8 items-center gap-2 px-2.5", open && "border-b")}>
        <button
          type="button"
          disabled={!hasBody}
          aria-expanded={hasBody ? open : undefined}
          aria-controls={hasBody ? id : undefined}
          onClick={() => setChosen(!open)}
          className="flex min-w-0 flex-1 items-center gap-2 py-1 text-left disabled:cursor-default"
        >
          <StateIcon state={call.state} />
          <span className="min-w-0 flex-1 truncate text-[12.5px]">{title}</span>
          {aside !== undefined && <span className="shrink-0 text-[11px] text-muted-foreground">{aside}</span>}
          {hasBody && (
            <ChevronRightIcon
              aria-hidden
              className={cn(
                "size-3.5 shrink-0 text-muted-foreground transition-transform",
                open && "rotate-90",
              )}
            />
          )}
        </button>
        {actions}
      </div>
      {open ? <div id={id}>{children}</div> : <Reason call={call} />}
    </div>
  );
}

/** Why it failed, in a line, where the card is closed. */
function Reason({ call }: { call: Pick<ToolCall, "state" | "result"> }) {
  const [line] = errorOf(call).slice(0, 1000).split("\n", 1);
  if (line === undefined || line === "") return null;
  return (
    <p className="truncate px-2.5 pb-1.5 pl-8 text-[11.5px] text-destructive" title={line}>
      {line.replace(/^Error: /, "")}
    </p>
  );
}
