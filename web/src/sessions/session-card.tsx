"use client";

import { isResumable, type Session } from "@remote-claude/protocol";
import {
  CoinsIcon,
  FolderGit2Icon,
  FolderIcon,
  GitBranchIcon,
  HardDriveIcon,
  PlayIcon,
  UsersIcon,
} from "lucide-react";
import Link from "next/link";
import { Badge } from "../components/ui/badge.tsx";
import { Button } from "../components/ui/button.tsx";
import { Card } from "../components/ui/card.tsx";
import { formatBytes, formatRelative, formatRepository, formatUsd } from "../lib/format.ts";
import { roleNames } from "../sharing/roles.ts";
import { SessionMenu } from "./session-menu.tsx";
import { NextStopBadge, StateBadge, WaitingBadge } from "./state-badge.tsx";
import { useSessionActions } from "./use-session-actions.ts";

function Source({ session }: { session: Session }) {
  if (session.repositoryUrl === null) {
    return (
      <>
        <FolderIcon className="size-3.5 shrink-0" aria-hidden />
        <span>{session.template === "default" ? "No repository" : session.template}</span>
      </>
    );
  }
  return (
    <>
      <FolderGit2Icon className="size-3.5 shrink-0" aria-hidden />
      <span className="truncate" title={session.repositoryUrl}>
        {formatRepository(session.repositoryUrl)}
      </span>
      {session.branch !== null && (
        <span className="ml-1 flex min-w-0 max-w-[45%] shrink-0 items-center gap-1">
          <GitBranchIcon className="size-3.5 shrink-0" aria-hidden />
          <span className="truncate">{session.branch}</span>
        </span>
      )}
    </>
  );
}

/** One session on the sessions page. The name's link covers the card; the buttons lie above it. */
export function SessionCard({ session, now }: { session: Session; now: number }) {
  const actions = useSessionActions(session.id);
  const resumable = isResumable(session.state) && session.abilities.includes("session.manage");
  return (
    <Card className="relative flex flex-col gap-2.5 p-3.5 transition-colors focus-within:border-ring hover:border-border-strong">
      <div className="flex items-start gap-2">
        <h2 className="min-w-0 flex-1 truncate font-semibold text-sm">
          <Link
            href={`/sessions/${session.id}`}
            prefetch={false}
            className="outline-none after:absolute after:inset-0 after:rounded-lg"
          >
            {session.name}
          </Link>
        </h2>
        <div className="relative z-1 -mt-1 -mr-1.5">
          <SessionMenu session={session} showOpen />
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        <StateBadge state={session.state} />
        <WaitingBadge session={session} />
        <NextStopBadge session={session} now={now} />
        {session.role !== "owner" && (
          <Badge tone="info" title={`You are ${roleNames[session.role].toLowerCase()} in it`}>
            <UsersIcon aria-hidden />
            <span className="max-w-40 truncate">Shared by {session.owner.name}</span>
          </Badge>
        )}
        <span className="text-muted-foreground text-xs" title={new Date(session.lastActiveAt).toISOString()}>
          {formatRelative(session.lastActiveAt, now)}
        </span>
      </div>
      {session.stateMessage !== null && (
        <p
          className={`line-clamp-2 text-xs ${session.state === "failed" ? "text-destructive" : "text-muted-foreground"}`}
        >
          {session.stateMessage}
        </p>
      )}
      <p className="mt-auto flex min-w-0 items-center gap-1.5 text-muted-foreground text-xs">
        <Source session={session} />
      </p>
      <div className="flex h-6 items-center gap-3 text-muted-foreground text-xs">
        {session.sizeBytes !== null && (
          <span className="flex items-center gap-1 whitespace-nowrap" title="Size of workspace and home">
            <HardDriveIcon className="size-3.5" aria-hidden />
            {formatBytes(session.sizeBytes)}
          </span>
        )}
        <span className="flex items-center gap-1 whitespace-nowrap" title="Cost of Claude in this session">
          <CoinsIcon className="size-3.5" aria-hidden />
          {formatUsd(session.costUsd)}
        </span>
        {session.nextStop?.reason === "idle" && session.abilities.includes("session.use") && (
          <Button
            size="sm"
            className="relative z-1 ml-auto h-6 px-2"
            disabled={actions.busy}
            onClick={() => void actions.keep()}
          >
            Keep it running
          </Button>
        )}
        {resumable && (
          <Button
            size="sm"
            className="relative z-1 ml-auto h-6 px-2"
            disabled={actions.busy}
            onClick={() => void actions.resume()}
          >
            <PlayIcon className="size-3" /> Resume
          </Button>
        )}
      </div>
    </Card>
  );
}
