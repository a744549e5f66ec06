import type { PresentPerson, Session } from "@remote-claude/protocol";
import { EyeIcon, UserPlusIcon } from "lucide-react";
import { useState } from "react";
import { Avatar } from "../components/avatar.tsx";
import { Badge } from "../components/ui/badge.tsx";
import { Button } from "../components/ui/button.tsx";
import { Tooltip } from "../components/ui/tooltip.tsx";
import { useCurrentUser } from "../lib/current-user.tsx";
import { useSession } from "../lib/hooks.ts";
import { ShareDialog } from "../sessions/late-dialogs.tsx";
import { roleNames } from "../sharing/roles.ts";

/** So many stand beside each other; the others are counted. */
const shownAtMost = 4;

/** Whoever may only look is told so, quietly, for as long as it is so. */
export function ViewingNote({ session }: { session: Session }) {
  if (session.abilities.includes("session.use")) return null;
  return (
    <Tooltip
      label={`${session.owner.name}’s session, as it happens. You can look at everything and change nothing.`}
    >
      <Badge tone="info" tabIndex={0}>
        <EyeIcon aria-hidden />
        <span className="max-sm:sr-only">You are viewing</span>
      </Badge>
    </Tooltip>
  );
}

function Faces({ people }: { people: readonly PresentPerson[] }) {
  const shown = people.length > shownAtMost ? people.slice(0, shownAtMost - 1) : people;
  return (
    <span className="flex -space-x-1.5">
      {shown.map((person) => (
        <Avatar key={person.id} person={person} className="size-6 text-[10px] ring-2 ring-chrome" />
      ))}
      {shown.length < people.length && (
        <span className="flex size-6 items-center justify-center rounded-full bg-muted font-semibold text-[10px] text-muted-foreground ring-2 ring-chrome">
          +{people.length - shown.length}
        </span>
      )}
    </span>
  );
}

/** Who else has the session open now, and the way to the share dialog. */
export function Presence({ session, onLeft }: { session: Session; onLeft(): void }) {
  const { id } = useCurrentUser();
  const { people } = useSession(session.id);
  const [open, setOpen] = useState(false);
  const others = people.filter((person) => person.id !== id);
  const names = others.map(({ name, role }) => `${name} (${roleNames[role].toLowerCase()})`).join(", ");
  const mine = session.abilities.includes("session.share");
  return (
    <>
      {others.length > 0 && (
        <Tooltip label={`Also here: ${names}`}>
          <button
            type="button"
            aria-label={`Also here: ${names}`}
            className="rounded-full"
            onClick={() => setOpen(true)}
          >
            <Faces people={others} />
          </button>
        </Tooltip>
      )}
      {mine && (
        <Button
          variant="quiet"
          size="sm"
          className="px-1.5 md:px-2.5"
          aria-label="Share"
          onClick={() => setOpen(true)}
        >
          <UserPlusIcon />
          <span className="hidden md:inline">Share</span>
        </Button>
      )}
      <ShareDialog session={session} open={open} onOpenChange={setOpen} onLeft={onLeft} />
    </>
  );
}
