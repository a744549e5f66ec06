"use client";

import { ArrowDownIcon, ArrowLeftIcon, ArrowRightIcon, ArrowUpIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../../lib/utils.ts";
import type { TerminalController } from "./terminal-controller.ts";

const keys: readonly { name: string; label: ReactNode; data: string }[] = [
  { name: "Escape", label: "Esc", data: "\x1b" },
  { name: "Tab", label: "Tab", data: "\t" },
  { name: "Left", label: <ArrowLeftIcon className="size-4" aria-hidden />, data: "\x1b[D" },
  { name: "Up", label: <ArrowUpIcon className="size-4" aria-hidden />, data: "\x1b[A" },
  { name: "Down", label: <ArrowDownIcon className="size-4" aria-hidden />, data: "\x1b[B" },
  { name: "Right", label: <ArrowRightIcon className="size-4" aria-hidden />, data: "\x1b[C" },
  { name: "Slash", label: "/", data: "/" },
  { name: "Dash", label: "-", data: "-" },
  { name: "Pipe", label: "|", data: "|" },
];

const keyClass =
  "flex h-9 min-w-8 flex-1 items-center justify-center rounded-md border bg-surface font-mono text-xs active:bg-selected";

/** The keys that a phone's keyboard does not have. */
export function KeyRow({
  controller,
  ctrl,
  onCtrl,
}: {
  controller: TerminalController | null;
  ctrl: boolean;
  onCtrl(held: boolean): void;
}) {
  return (
    <div
      className="flex shrink-0 gap-1 overflow-x-auto border-t bg-chrome p-1"
      role="toolbar"
      aria-label="Terminal keys"
    >
      <button
        type="button"
        aria-pressed={ctrl}
        className={cn(keyClass, ctrl && "border-ring bg-clay-soft text-clay")}
        // The keyboard must stay where it is.
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => {
          onCtrl(!ctrl);
          controller?.setCtrl(!ctrl);
        }}
      >
        Ctrl
      </button>
      {keys.map(({ name, label, data }) => (
        <button
          key={name}
          type="button"
          aria-label={name}
          className={keyClass}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => controller?.pressKey(data)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
