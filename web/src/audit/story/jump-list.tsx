import { FlagIcon, MessageSquareIcon } from "lucide-react";
import { Clock } from "../parts/moment.tsx";
import type { Landmark } from "./pieces.ts";

/** What was asked of Claude and what happened to the session, to jump there. */
export function JumpList({
  landmarks,
  onJump,
}: {
  landmarks: readonly Landmark[];
  onJump(key: string): void;
}) {
  return (
    <nav aria-label="Jump to" className="flex flex-col gap-1">
      <h2 className="px-2 font-semibold text-muted-foreground text-xs">Jump to</h2>
      <ul className="flex flex-col">
        {landmarks.map(({ key, at, title, kind }) => {
          const Icon = kind === "prompt" ? MessageSquareIcon : FlagIcon;
          return (
            <li key={key}>
              <button
                type="button"
                onClick={() => onJump(key)}
                className="flex w-full items-start gap-2 rounded-md px-2 py-1 text-left hover:bg-hover"
              >
                <Icon aria-hidden className="mt-0.5 size-3.5 shrink-0 text-muted-foreground" />
                <span className="line-clamp-2 min-w-0 flex-1 [overflow-wrap:anywhere]">{title}</span>
                <Clock at={at} className="shrink-0 pt-px text-[11px] text-muted-foreground" />
              </button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
