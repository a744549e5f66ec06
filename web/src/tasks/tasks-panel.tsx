"use client";

import { downloadArtifact, type Task } from "@remote-claude/protocol";
import {
  BanIcon,
  CircleAlertIcon,
  CircleCheckIcon,
  ClockIcon,
  DownloadIcon,
  HandIcon,
  ListTodoIcon,
  LoaderCircleIcon,
  type LucideIcon,
  MessageSquareIcon,
  XIcon,
} from "lucide-react";
import { useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { urlOf } from "../lib/api.ts";
import { messageOf } from "../lib/errors.ts";
import { formatBytes, formatRelative, formatUsd } from "../lib/format.ts";
import { cn } from "../lib/utils.ts";
import { isRunning, useTaskActions, useTasks } from "./use-tasks.ts";

const states: Record<Task["state"], { Icon: LucideIcon; label: string; className: string }> = {
  queued: { Icon: ClockIcon, label: "Queued", className: "text-muted-foreground" },
  running: { Icon: LoaderCircleIcon, label: "Running", className: "animate-spin text-clay" },
  waiting: { Icon: HandIcon, label: "Waiting for permission", className: "text-warning" },
  succeeded: { Icon: CircleCheckIcon, label: "Succeeded", className: "text-success" },
  failed: { Icon: CircleAlertIcon, label: "Failed", className: "text-destructive" },
  cancelled: { Icon: BanIcon, label: "Cancelled", className: "text-muted-foreground" },
};

const artifactNames: Record<Task["artifacts"][number]["kind"], string> = {
  transcript: "Transcript",
  patch: "Patch",
  upload: "Upload",
};

const shownResult = 400;

function Result({ text, failed }: { text: string; failed: boolean }) {
  const [open, setOpen] = useState(false);
  const long = text.length > shownResult;
  return (
    <div className={cn("mt-1.5 text-xs", failed ? "text-destructive" : "text-muted-foreground")}>
      <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">
        {long && !open ? `${text.slice(0, shownResult)}…` : text}
      </p>
      {long && (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="mt-0.5 hover:underline"
        >
          {open ? "Show less" : "Show all"}
        </button>
      )}
    </div>
  );
}

function TaskRow({
  task,
  canUse,
  onOpen,
}: {
  task: Task;
  canUse: boolean;
  onOpen(conversationId: string): void;
}) {
  const { cancel } = useTaskActions(task.sessionId);
  const { Icon, label, className } = states[task.state];
  const { conversationId } = task;
  return (
    <li className="rounded-lg border bg-surface p-2.5">
      <div className="flex items-start gap-2">
        <Icon role="img" aria-label={label} className={cn("mt-0.5 size-4 shrink-0", className)} />
        <div className="min-w-0 flex-1">
          <p className="line-clamp-3 whitespace-pre-wrap [overflow-wrap:anywhere]">{task.prompt}</p>
          <p className="mt-0.5 text-[11px] text-muted-foreground">
            {label} · {formatRelative(task.endedAt ?? task.startedAt ?? task.createdAt)} ·{" "}
            {formatUsd(task.costUsd)}
            {task.attempts > 1 && ` · ${task.attempts} attempts`}
          </p>
          {task.result !== null && <Result text={task.result} failed={task.state === "failed"} />}
          <div className="mt-2 flex flex-wrap gap-1.5 empty:hidden">
            {conversationId !== null && (
              <Button size="sm" onClick={() => onOpen(conversationId)}>
                <MessageSquareIcon className="size-3.5" />
                {task.state === "waiting" ? "Answer" : "Open conversation"}
              </Button>
            )}
            {task.artifacts.map(({ id, kind, name, sizeBytes }) => (
              <Button key={id} size="sm" asChild>
                <a
                  href={urlOf(downloadArtifact, { sessionId: task.sessionId, artifactId: id })}
                  download={name}
                  title={name}
                >
                  <DownloadIcon className="size-3.5" />
                  {artifactNames[kind]}{" "}
                  <span className="text-muted-foreground">{formatBytes(sizeBytes)}</span>
                </a>
              </Button>
            ))}
            {isRunning(task) && canUse && (
              <Button
                size="sm"
                variant="quiet"
                disabled={cancel.isPending}
                onClick={() => cancel.mutate(task.id)}
              >
                Cancel
              </Button>
            )}
          </div>
        </div>
      </div>
    </li>
  );
}

/** The session's background tasks: how they stand, what came of them. */
export function TasksPanel({
  sessionId,
  canUse,
  onOpenConversation,
  onClose,
}: {
  sessionId: string;
  canUse: boolean;
  onOpenConversation(conversationId: string): void;
  onClose(): void;
}) {
  const tasks = useTasks(sessionId);
  return (
    <section aria-label="Tasks" className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-9 shrink-0 items-center justify-between px-3">
        <h2 className="font-semibold">Tasks</h2>
        <Button variant="quiet" size="icon-sm" aria-label="Close tasks" onClick={onClose}>
          <XIcon className="size-4" />
        </Button>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        {tasks.isPending && <Skeleton className="h-20" />}
        {tasks.isError && tasks.data === undefined && (
          <Notice tone="destructive" title="The tasks could not be loaded">
            <p>{messageOf(tasks.error)}</p>
            <Button size="sm" className="mt-2" onClick={() => void tasks.refetch()}>
              Try again
            </Button>
          </Notice>
        )}
        {tasks.data?.length === 0 && (
          <div className="flex flex-col items-center gap-2 px-4 py-12 text-center text-muted-foreground">
            <ListTodoIcon aria-hidden className="size-7" />
            <p className="text-balance">
              No tasks yet. Write a message and choose “Run as background task” below the text box: Claude
              works on it with no browser open, and its transcript and patch are kept here.
            </p>
          </div>
        )}
        <ul className="flex flex-col gap-2">
          {tasks.data?.map((task) => (
            <TaskRow key={task.id} task={task} canUse={canUse} onOpen={onOpenConversation} />
          ))}
        </ul>
      </div>
    </section>
  );
}
