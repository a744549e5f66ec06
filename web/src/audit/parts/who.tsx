import { CircleUserRoundIcon, CpuIcon, KeyRoundIcon, SparklesIcon } from "lucide-react";
import { Avatar } from "../../components/avatar.tsx";
import { cn } from "../../lib/utils.ts";
import { type Entry, whoWords } from "../model/entry.ts";

const disc = "flex size-5 shrink-0 items-center justify-center rounded-full [&_svg]:size-3";

/** Claude has a sign of its own, so that no eye takes its acts for those of the person it works for. */
function Disc({ entry }: { entry: Entry }) {
  const { actorKind, person } = entry;
  if (actorKind === "claude") {
    return (
      <span aria-hidden className={cn(disc, "bg-primary text-primary-foreground")}>
        <SparklesIcon />
      </span>
    );
  }
  if (actorKind === "system") {
    return (
      <span aria-hidden className={cn(disc, "bg-muted text-muted-foreground")}>
        <CpuIcon />
      </span>
    );
  }
  if (person === null) {
    return (
      <span aria-hidden className={cn(disc, "bg-muted text-muted-foreground")}>
        <CircleUserRoundIcon />
      </span>
    );
  }
  return <Avatar person={person} className="size-5 text-[9px]" />;
}

/** Who did it: a person, a token of theirs, Claude for them, or the product itself. */
export function Who({ entry, className }: { entry: Entry; className?: string }) {
  return (
    <span className={cn("flex min-w-0 items-center gap-1.5", className)}>
      <Disc entry={entry} />
      <span className="truncate">{whoWords(entry)}</span>
      {entry.actorKind === "token" && (
        <KeyRoundIcon aria-hidden className="size-3 shrink-0 text-muted-foreground" />
      )}
    </span>
  );
}
