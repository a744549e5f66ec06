"use client";

import type { Session } from "@remote-claude/protocol";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from "../components/ui/dialog.tsx";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { useCurrentUser } from "../lib/current-user.tsx";
import { messageOf } from "../lib/errors.ts";
import { AddMemberForm } from "./add-member-form.tsx";
import { LinkSection } from "./link-section.tsx";
import { MemberRow } from "./member-row.tsx";
import { useMembers, useSharing } from "./use-sharing.ts";

interface ShareDialogProps {
  session: Session;
  open: boolean;
  onOpenChange(open: boolean): void;
  /** Where to go when the person has left the session. */
  onLeft?: (() => void) | undefined;
}

/** Who is in a session; for its owner also the way to let others in, change what they may and put them out. */
export function ShareDialog({ session, open, onOpenChange, onLeft }: ShareDialogProps) {
  const mine = session.abilities.includes("session.share");
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent className="max-w-lg">
        <DialogHeader>
          <DialogTitle className="break-words">
            {mine ? `Share “${session.name}”` : `People in “${session.name}”`}
          </DialogTitle>
          <DialogDescription>
            {mine
              ? "Everyone you add sees the same chat, terminals and files, live."
              : `${session.owner.name} shares this session with you.`}
          </DialogDescription>
        </DialogHeader>
        <DialogBody session={session} mine={mine} onLeft={onLeft} />
      </DialogContent>
    </Dialog>
  );
}

function DialogBody({
  session,
  mine,
  onLeft,
}: {
  session: Session;
  mine: boolean;
  onLeft: ShareDialogProps["onLeft"];
}) {
  const { id } = useCurrentUser();
  const sharing = useSharing(session.id);
  const { data: members, error } = useMembers(session.id);
  return (
    <>
      {mine && <AddMemberForm onAdd={sharing.add} />}
      <section aria-label="People">
        {error !== null && <Notice tone="destructive" title={messageOf(error)} />}
        {members === undefined && error === null && <Skeleton className="h-9" />}
        <ul className="divide-y">
          {members?.map((member) => (
            <MemberRow
              key={member.user.id}
              member={member}
              you={member.user.id === id}
              editable={mine}
              onChange={(change) => void sharing.change(member.user.id, change)}
              onRemove={() => void sharing.remove(member.user.id)}
            />
          ))}
        </ul>
      </section>
      {mine ? (
        <LinkSection sessionId={session.id} sharing={sharing} />
      ) : (
        <div className="flex justify-end border-t pt-4">
          <Button
            className="text-destructive"
            onClick={() => void sharing.leave().then((left) => left && onLeft?.())}
          >
            Leave this session
          </Button>
        </div>
      )}
    </>
  );
}
