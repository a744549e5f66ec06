import type { RecordingMode } from "@remote-claude/protocol";
import { CircleDotIcon } from "lucide-react";
import { Tooltip } from "../../components/ui/tooltip.tsx";

const whatIs: Readonly<Record<Exclude<RecordingMode, "off">, string>> = {
  output: "What this terminal shows is recorded, for the organisation's auditors.",
  "output-and-input":
    "What this terminal shows, and what is typed in it, is recorded for the organisation's auditors. What is typed where it is not shown, as at a password prompt, is not.",
};

/** Tells people that somebody may watch later what they do here. */
export function RecordedMark({ recorded }: { recorded: RecordingMode | undefined }) {
  if (recorded === undefined || recorded === "off") return null;
  return (
    <Tooltip label={whatIs[recorded]}>
      <button
        type="button"
        aria-label={`Recorded. ${whatIs[recorded]}`}
        className="mr-2 ml-auto flex shrink-0 cursor-default items-center gap-1 rounded-sm px-1 text-2xs text-muted-foreground"
      >
        <CircleDotIcon className="size-3 text-destructive" aria-hidden />
        <span className="max-sm:hidden">Recorded</span>
      </button>
    </Tooltip>
  );
}
