"use client";

import { canTransition, isResumable, type Session } from "@remote-claude/protocol";
import {
  EllipsisIcon,
  ExternalLinkIcon,
  PauseIcon,
  PencilIcon,
  PlayIcon,
  SquareIcon,
  Trash2Icon,
  UsersIcon,
} from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button } from "../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "../components/ui/dropdown-menu.tsx";
import { DeleteDialog, RenameDialog, ShareDialog } from "./late-dialogs.tsx";
import { useSessionActions } from "./use-session-actions.ts";

/** Everything one may do to a session. `onGone`: where to go when it is deleted or left. */
export function SessionMenu({
  session,
  showOpen = false,
  onGone,
}: {
  session: Session;
  showOpen?: boolean;
  onGone?: () => void;
}) {
  const actions = useSessionActions(session.id);
  const [dialog, setDialog] = useState<"rename" | "share" | "delete" | null>(null);
  const may = (ability: Session["abilities"][number]) => session.abilities.includes(ability);
  const close = () => setDialog(null);
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="quiet" size="icon-sm" aria-label={`Actions for ${session.name}`}>
            <EllipsisIcon />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent
          align="end"
          onCloseAutoFocus={(event) => dialog !== null && event.preventDefault()}
        >
          {showOpen && (
            <DropdownMenuItem asChild>
              <Link href={`/sessions/${session.id}`}>
                <ExternalLinkIcon /> Open
              </Link>
            </DropdownMenuItem>
          )}
          {may("session.manage") && (
            <>
              {isResumable(session.state) && (
                <DropdownMenuItem disabled={actions.busy} onSelect={() => void actions.resume()}>
                  <PlayIcon /> Resume
                </DropdownMenuItem>
              )}
              {session.state === "running" && (
                <DropdownMenuItem disabled={actions.busy} onSelect={() => void actions.pause()}>
                  <PauseIcon /> Pause
                </DropdownMenuItem>
              )}
              {!canTransition(session.state, "starting") && (
                <DropdownMenuItem
                  disabled={actions.busy || !canTransition(session.state, "stopping")}
                  onSelect={() => void actions.stop()}
                >
                  <SquareIcon /> Stop
                </DropdownMenuItem>
              )}
              <DropdownMenuItem onSelect={() => setDialog("rename")}>
                <PencilIcon /> Rename…
              </DropdownMenuItem>
            </>
          )}
          <DropdownMenuItem onSelect={() => setDialog("share")}>
            <UsersIcon /> {may("session.share") ? "Share…" : "People…"}
          </DropdownMenuItem>
          {may("session.delete") && (
            <>
              <DropdownMenuSeparator />
              <DropdownMenuItem
                danger
                disabled={session.state === "deleting"}
                onSelect={() => setDialog("delete")}
              >
                <Trash2Icon /> Delete…
              </DropdownMenuItem>
            </>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      <RenameDialog
        session={session}
        open={dialog === "rename"}
        onOpenChange={close}
        onRename={actions.rename}
      />
      <ShareDialog
        session={session}
        open={dialog === "share"}
        onOpenChange={close}
        onLeft={() => {
          close();
          onGone?.();
        }}
      />
      <DeleteDialog
        session={session}
        open={dialog === "delete"}
        onOpenChange={close}
        onDelete={() => void actions.remove().then((done) => done && onGone?.())}
      />
    </>
  );
}
