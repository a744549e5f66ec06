"use client";

import { FileCodeIcon, FilesIcon, type LucideIcon, SparklesIcon, SquareTerminalIcon } from "lucide-react";
import { useSession } from "../lib/hooks.ts";
import { cn } from "../lib/utils.ts";
import { PanePlace } from "./pane-place.tsx";
import { paneNames } from "./slots.tsx";
import { focusPane, type Pane, panes, useWorkbench } from "./store.ts";

const icons: Record<Pane, LucideIcon> = {
  explorer: FilesIcon,
  editor: FileCodeIcon,
  terminal: SquareTerminalIcon,
  claude: SparklesIcon,
};

/** One pane at a time, with tabs below. The others lie behind it. */
export function PhonePanes({ sessionId }: { sessionId: string }) {
  const active = useWorkbench((state) => state.activePane);
  const waiting = useSession(sessionId).session?.waiting ?? false;
  return (
    <div className="flex size-full flex-col">
      <div className="relative min-h-0 flex-1">
        {panes.map((pane) => (
          <div key={pane} className={cn("absolute inset-0", pane !== active && "invisible")}>
            <PanePlace pane={pane} />
          </div>
        ))}
      </div>
      <nav aria-label="Panes" className="grid grid-cols-4 border-t bg-chrome">
        {panes.map((pane) => {
          const Icon = icons[pane];
          return (
            <button
              key={pane}
              type="button"
              aria-current={pane === active ? "page" : undefined}
              onClick={() => focusPane(pane)}
              className={cn(
                "flex flex-col items-center gap-0.5 py-1.5 text-[11px] text-muted-foreground",
                pane === active && "font-medium text-clay",
              )}
            >
              <span className="relative">
                <Icon className="size-5" aria-hidden />
                {/* The badge above says it in words. */}
                {pane === "claude" && waiting && (
                  <span aria-hidden className="absolute -top-0.5 -right-1 size-2 rounded-full bg-warning" />
                )}
              </span>
              {paneNames[pane]}
            </button>
          );
        })}
      </nav>
    </div>
  );
}
