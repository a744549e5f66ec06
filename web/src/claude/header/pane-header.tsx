"use client";

import type { Conversation } from "@remote-claude/protocol";
import { ChevronDownIcon, ListTodoIcon, PencilIcon, PlusIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "../../components/ui/dropdown-menu.tsx";
import { Tooltip } from "../../components/ui/tooltip.tsx";
import { formatRelative, formatUsd } from "../../lib/format.ts";
import { cn } from "../../lib/utils.ts";
import { formatTokens } from "../model/notices.ts";
import { SettingsButton } from "../settings/settings-button.tsx";
import { ContextMeter } from "../steering/context-meter.tsx";
import { RenameDialog } from "./rename-dialog.tsx";

export const titleOf = (conversation: Conversation | null) => conversation?.title ?? "Untitled";

/** Works, waits for an answer, or rests. */
function StateDot({ state }: { state: Conversation["state"] }) {
  if (state === "idle") return <span className="size-2 shrink-0" />;
  return (
    <span
      role="img"
      aria-label={state === "working" ? "Working" : "Waiting for you"}
      className={cn(
        "size-2 shrink-0 rounded-full",
        state === "working" ? "claude-shimmer bg-clay" : "bg-warning",
      )}
    />
  );
}

function Picker({
  list,
  current,
  onChoose,
}: {
  list: readonly Conversation[];
  current: Conversation | null;
  onChoose(conversationId: string): void;
}) {
  return (
    <DropdownMenuContent className="w-80 max-w-[calc(100vw-1rem)]">
      <DropdownMenuLabel>Conversations</DropdownMenuLabel>
      {list.length === 0 && <p className="px-2 py-1.5 text-muted-foreground">None yet.</p>}
      {list.map((conversation) => (
        <DropdownMenuItem
          key={conversation.conversationId}
          onSelect={() => onChoose(conversation.conversationId)}
          className={cn(conversation.conversationId === current?.conversationId && "font-medium")}
        >
          <StateDot state={conversation.state} />
          <span className="min-w-0 flex-1 truncate">{titleOf(conversation)}</span>
          <span className="shrink-0 text-[11px] text-muted-foreground">
            {formatRelative(conversation.lastActiveAt)}
          </span>
        </DropdownMenuItem>
      ))}
    </DropdownMenuContent>
  );
}

function Cost({ conversation }: { conversation: Conversation }) {
  const { usage, costUsd } = conversation;
  const read = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const { budgetUsd } = conversation.steering;
  const of = budgetUsd === null ? "" : `; it may cost ${formatUsd(budgetUsd)}`;
  return (
    <span
      title={`This conversation: ${formatTokens(read)} tokens read, ${formatTokens(usage.outputTokens)} written${of}`}
      className="shrink-0 whitespace-nowrap text-[11px] text-muted-foreground"
    >
      {formatUsd(costUsd)}
      {budgetUsd !== null && ` of ${formatUsd(budgetUsd)}`}
    </span>
  );
}

/** Which conversation this is, the others, a new one, its cost, and the way to the tasks. */
export function PaneHeader({
  sessionId,
  conversationId,
  list,
  conversation,
  canUse,
  ready,
  tasksRunning,
  tasksShown,
  onChoose,
  onNew,
  onTasks,
}: {
  sessionId: string;
  conversationId: string;
  list: readonly Conversation[];
  /** null: it begins with the first message. */
  conversation: Conversation | null;
  canUse: boolean;
  /** The session's agent can be asked. */
  ready: boolean;
  tasksRunning: number;
  tasksShown: boolean;
  onChoose(conversationId: string): void;
  onNew(): void;
  onTasks(): void;
}) {
  const [renaming, setRenaming] = useState(false);
  return (
    <header className="flex h-9 shrink-0 items-center gap-1 border-b px-1.5">
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            variant="ghost"
            size="sm"
            aria-label={`Conversation: ${titleOf(conversation)}`}
            className="min-w-0 shrink px-1.5 text-[13px]"
          >
            <span className="truncate">{titleOf(conversation)}</span>
            <ChevronDownIcon className="size-3.5 text-muted-foreground" />
          </Button>
        </DropdownMenuTrigger>
        <Picker list={list} current={conversation} onChoose={onChoose} />
      </DropdownMenu>
      {conversation !== null && canUse && (
        <Tooltip label="Rename">
          <Button
            variant="quiet"
            size="icon-sm"
            aria-label="Rename conversation"
            onClick={() => setRenaming(true)}
          >
            <PencilIcon className="size-3" />
          </Button>
        </Tooltip>
      )}
      <div className="ml-auto flex shrink-0 items-center gap-1">
        {conversation !== null && (
          <ContextMeter sessionId={sessionId} conversation={conversation} canUse={canUse} ready={ready} />
        )}
        {conversation !== null && <Cost conversation={conversation} />}
        <SettingsButton sessionId={sessionId} conversationId={conversationId} canUse={canUse} ready={ready} />
        <Tooltip label="Background tasks">
          <Button
            variant="quiet"
            size="sm"
            aria-label="Tasks"
            aria-pressed={tasksShown}
            className={cn("px-1.5", tasksShown && "bg-selected text-foreground")}
            onClick={onTasks}
          >
            <ListTodoIcon />
            {tasksRunning > 0 && (
              <span
                aria-hidden
                className="rounded-full bg-clay px-1.5 text-[10px] text-primary-foreground leading-4"
              >
                {tasksRunning}
              </span>
            )}
          </Button>
        </Tooltip>
        {canUse && (
          <Tooltip label="New conversation">
            <Button variant="quiet" size="icon-sm" aria-label="New conversation" onClick={onNew}>
              <PlusIcon className="size-4" />
            </Button>
          </Tooltip>
        )}
      </div>
      {conversation !== null && (
        <RenameDialog
          sessionId={sessionId}
          conversation={conversation}
          open={renaming}
          onOpenChange={setRenaming}
        />
      )}
    </header>
  );
}
