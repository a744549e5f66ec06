import {
  type AdminUser,
  getAdminUser,
  resetSecondFactor,
  unlinkIdentity,
  type WaysIn,
} from "@remote-claude/protocol";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Notice } from "../../components/notice.tsx";
import {
  AlertDialog,
  AlertDialogAction,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogTitle,
} from "../../components/ui/alert-dialog.tsx";
import { Button } from "../../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "../../components/ui/dialog.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { call } from "../../lib/api.ts";
import { messageOf } from "../../lib/errors.ts";
import { formatRelative } from "../../lib/format.ts";
import { toast } from "../../lib/toast.ts";

interface WaysInDialogProps {
  person: AdminUser;
  you: boolean;
  open: boolean;
  onClose(): void;
}

/** How somebody signs in, and what an admin may take away of it. */
export function WaysInDialog({ person, you, open, onClose }: WaysInDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onClose}>
      <DialogContent className="max-w-md">
        <DialogHeader>
          <DialogTitle>How {person.name} signs in</DialogTitle>
          <DialogDescription>What is taken away here counts at once.</DialogDescription>
        </DialogHeader>
        <Ways person={person} you={you} />
        <DialogFooter>
          <Button onClick={onClose}>Close</Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}

/** Something that is done once it was said what it does. */
interface Question {
  readonly title: string;
  readonly says: string;
  readonly action: string;
  readonly done: string;
  act(): Promise<unknown>;
}

type LinkedIdentity = WaysIn["identities"][number];

/** What is to be known of a link: since when, and why it may lead in no more. */
function aboutLink({ name, isSetUp, issuer, linkedAt }: LinkedIdentity): string {
  const since = `linked ${formatRelative(linkedAt)}`;
  if (name !== null) return since;
  return isSetUp
    ? `${since} at ${issuer ?? "another provider"}, for which this id does not stand any more: lets nobody in`
    : `${since}, not set up any more: lets nobody in`;
}

function Ways({ person, you }: Pick<WaysInDialogProps, "person" | "you">) {
  const params = { userId: person.id };
  const { data, error, refetch } = useQuery({
    queryKey: ["admin-user", person.id],
    queryFn: ({ signal }) => call(getAdminUser, { params, signal }),
    staleTime: 0,
  });
  const [question, setQuestion] = useState<Question | null>(null);
  if (error !== null) return <Notice tone="destructive" title={messageOf(error)} />;
  if (data === undefined) return <Skeleton className="h-16" />;
  const { password, secondFactor, identities } = data.waysIn;

  async function act({ act, done }: Question) {
    try {
      await act();
      toast.success(done);
    } catch (cause) {
      toast.error(messageOf(cause));
    }
    await refetch();
  }

  const askReset = () =>
    setQuestion({
      title: `Reset the second factor of ${person.name}?`,
      says: "Their password alone lets them in until they set up a new one, and their recovery codes count no longer. Be sure that it is they who ask.",
      action: "Reset",
      done: `${person.name} signs in without a code now.`,
      act: () => call(resetSecondFactor, { params }),
    });
  const askUnlink = (identity: LinkedIdentity) => {
    const { id: identityId, provider } = identity;
    const name = identity.name ?? provider;
    const last = !password && !identities.some((other) => other.name !== null && other !== identity);
    const who = you ? "You are" : "They are";
    setQuestion({
      title: `Unlink ${name} from ${person.name}?`,
      says:
        identity.name === null
          ? `${who} signed out wherever ${name} was the way in. It lets nobody in as it is.`
          : `${who} signed out wherever ${name} was the way in. Whoever signs in there next with the verified address ${person.email} is linked anew.${last ? " It is the only way in that is left." : ""}`,
      action: "Unlink",
      done: `${name} is unlinked from ${person.name}.`,
      act: () => call(unlinkIdentity, { params: { ...params, identityId } }),
    });
  };

  return (
    <>
      <ul className="divide-y" aria-label="Ways in">
        <Way
          name="Password"
          about={password ? `with${secondFactor ? "" : "out"} a second factor` : "none that counts"}
        >
          {secondFactor && !you && (
            <Button size="sm" onClick={askReset}>
              Reset second factor…
            </Button>
          )}
        </Way>
        {identities.map((identity) => {
          const name = identity.name ?? identity.provider;
          return (
            <Way key={identity.id} name={name} about={aboutLink(identity)}>
              <Button size="sm" aria-label={`Unlink ${name}`} onClick={() => askUnlink(identity)}>
                Unlink…
              </Button>
            </Way>
          );
        })}
      </ul>
      <AlertDialog open={question !== null} onOpenChange={() => setQuestion(null)}>
        {question !== null && (
          <AlertDialogContent className="max-w-sm">
            <AlertDialogTitle>{question.title}</AlertDialogTitle>
            <AlertDialogDescription>{question.says}</AlertDialogDescription>
            <AlertDialogFooter>
              <AlertDialogCancel>Cancel</AlertDialogCancel>
              <AlertDialogAction onClick={() => void act(question)}>{question.action}</AlertDialogAction>
            </AlertDialogFooter>
          </AlertDialogContent>
        )}
      </AlertDialog>
    </>
  );
}

function Way({ name, about, children }: { name: string; about: string; children: ReactNode }) {
  return (
    <li className="flex min-h-12 items-center gap-3 py-2 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{name}</p>
        <p className="text-muted-foreground text-xs [overflow-wrap:anywhere]">{about}</p>
      </div>
      {children}
    </li>
  );
}
