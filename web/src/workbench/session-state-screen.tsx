"use client";

import { gitAccountsPlace, type Session } from "@remote-claude/protocol";
import {
  CircleAlertIcon,
  KeyRoundIcon,
  LoaderCircleIcon,
  MoonIcon,
  PauseIcon,
  PlayIcon,
  Trash2Icon,
} from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "../components/ui/button.tsx";
import { live } from "../lib/live.ts";
import { cn } from "../lib/utils.ts";
import { DeleteDialog } from "../sessions/late-dialogs.tsx";
import { useSessionActions } from "../sessions/use-session-actions.ts";
import { gitAccountsLink } from "../settings/git-hosts.ts";

/** The last lines that cloning or unpacking wrote. */
function useProgress(sessionId: string): string | null {
  const [text, setText] = useState<string | null>(null);
  useEffect(
    () => live.on("workspace.progress", sessionId, (progress) => setText(progress.text)),
    [sessionId],
  );
  return text;
}

function Screen({
  icon,
  title,
  text,
  children,
}: {
  icon: ReactNode;
  title: string;
  text: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="absolute inset-0 z-20 flex items-center justify-center bg-background/90 p-4 backdrop-blur-sm">
      <div className="flex w-full max-w-md flex-col items-center gap-3 text-center" role="status">
        {icon}
        <h2 className="font-semibold text-base">{title}</h2>
        <div className="w-full text-muted-foreground">{text}</div>
        {children !== undefined && <div className="mt-1 flex flex-wrap justify-center gap-2">{children}</div>}
      </div>
    </div>
  );
}

const spinner = <LoaderCircleIcon className="size-7 animate-spin text-clay" aria-hidden />;

function Progress({ session }: { session: Session }) {
  const progress = useProgress(session.id);
  const cloning = session.repositoryUrl !== null;
  return (
    <Screen
      icon={spinner}
      title={cloning ? "Cloning the repository" : "Preparing the workspace"}
      text={
        <>
          {cloning && <p className="truncate">{session.repositoryUrl}</p>}
          <p className="mt-2 min-h-5 truncate font-mono text-xs">{progress ?? ""}</p>
        </>
      }
    />
  );
}

function Ended({ session }: { session: Session }) {
  const router = useRouter();
  const actions = useSessionActions(session.id);
  const [asking, setAsking] = useState(false);
  const failed = session.state === "failed";
  // Who may delete it owns it: theirs is the credential that git lacked.
  const lacksCredential = failed && (session.stateMessage?.includes(gitAccountsPlace) ?? false);
  const may = (ability: Session["abilities"][number]) => session.abilities.includes(ability);
  return (
    <Screen
      icon={
        failed ? (
          <CircleAlertIcon className="size-7 text-destructive" aria-hidden />
        ) : (
          <MoonIcon className="size-7 text-muted-foreground" aria-hidden />
        )
      }
      title={failed ? "The session failed" : "The session is stopped"}
      text={
        <p
          className={cn(
            "whitespace-pre-wrap break-words",
            // A program's own words: in its own lines.
            session.stateMessage?.includes("\n") &&
              "max-h-60 overflow-y-auto rounded-lg border bg-surface p-3 text-left",
          )}
        >
          {session.stateMessage ??
            (failed ? "No reason is known." : "Its files and conversations are kept. Resume it to go on.")}
        </p>
      }
    >
      {lacksCredential && may("session.delete") && (
        <Button asChild variant="primary">
          <Link href={gitAccountsLink(session.repositoryUrl)}>
            <KeyRoundIcon /> Git accounts…
          </Link>
        </Button>
      )}
      {may("session.manage") && (
        <Button
          variant={lacksCredential ? "secondary" : "primary"}
          disabled={actions.busy}
          onClick={() => void actions.resume()}
        >
          <PlayIcon /> Resume
        </Button>
      )}
      {failed && may("session.delete") && (
        <Button onClick={() => setAsking(true)}>
          <Trash2Icon /> Delete…
        </Button>
      )}
      <DeleteDialog
        session={session}
        open={asking}
        onOpenChange={setAsking}
        onDelete={() => void actions.remove().then((done) => done && router.replace("/"))}
      />
    </Screen>
  );
}

function Paused({ session }: { session: Session }) {
  const actions = useSessionActions(session.id);
  return (
    <Screen
      icon={<PauseIcon className="size-7 text-muted-foreground" aria-hidden />}
      title="The session is paused"
      text={
        <p>
          {session.stateMessage ??
            "Its programs keep their memory, and go on where they were when you resume it."}
        </p>
      }
    >
      {session.abilities.includes("session.manage") && (
        <Button variant="primary" disabled={actions.busy} onClick={() => void actions.resume()}>
          <PlayIcon /> Resume
        </Button>
      )}
    </Screen>
  );
}

/** What stands where the panes would be while the session does not run. */
export function SessionStateScreen({ session }: { session: Session }) {
  switch (session.state) {
    case "creating":
      return <Progress session={session} />;
    case "starting":
      return <Screen icon={spinner} title="Starting the session" text="This takes a few seconds." />;
    case "paused":
      return <Paused session={session} />;
    case "stopping":
      return <Screen icon={spinner} title="Stopping the session" text="Its files stay as they are." />;
    case "deleting":
      return <Screen icon={spinner} title="Deleting the session" text="Its workspace is being removed." />;
    default:
      return <Ended session={session} />;
  }
}
