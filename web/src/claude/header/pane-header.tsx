"use client";

import type { Conversation } from "@remote-claude/protocol";
import { ArchiveIcon, ChevronDownIcon, GitForkIcon, ListTodoIcon, PlusIcon, SearchIcon } from "lucide-react";
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
import { useCommand } from "../../workbench/commands.ts";
import { showPane } from "../../workbench/store.ts";
import { formatTokens } from "../model/notices.ts";
import { SettingsButton } from "../settings/settings-button.tsx";
import { ContextMeter } from "../steering/context-meter.tsx";
import { ConversationMenu } from "./conversation-menu.tsx";
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
  const [open, setOpen] = useState(false);
  const shown = list.filter(({ archivedAt }) => archivedAt === null);
  const archived = list.filter(({ archivedAt }) => archivedAt !== null);
  const item = (conversation: Conversation) => (
    <DropdownMenuItem
      key={conversation.conversationId}
      onSelect={() => onChoose(conversation.conversationId)}
      className={cn(conversation.conversationId === current?.conversationId && "font-medium")}
    >
      <StateDot state={conversation.state} />
      {conversation.forkedFrom !== null && (
        <GitForkIcon role="img" aria-label="Forked:" className="size-3.5 text-muted-foreground" />
      )}
      <span className="line-clamp-2 min-w-0 flex-1 [overflow-wrap:anywhere]">{titleOf(conversation)}</span>
      <span className="shrink-0 text-[11px] text-muted-foreground">
        {formatRelative(conversation.lastActiveAt)}
      </span>
    </DropdownMenuItem>
  );
  return (
    <DropdownMenuContent className="max-h-[70dvh] w-80 max-w-[calc(100vw-1rem)] overflow-y-auto">
      <DropdownMenuLabel>Conversations</DropdownMenuLabel>
      {shown.length === 0 && <p className="px-2 py-1.5 text-muted-foreground">None yet.</p>}
      {shown.map(item)}
      {archived.length > 0 && (
        <DropdownMenuItem
          aria-expanded={open}
          className="text-muted-foreground"
          onSelect={(event) => {
            event.preventDefault();
            setOpen(!open);
          }}
        >
          <ArchiveIcon /> {open ? "Archived" : `Show archived (${archived.length})`}
        </DropdownMenuItem>
      )}
      {open && archived.map(item)}
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
  onFind,
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
  onFind(): void;
}) {
  const [renaming, setRenaming] = useState(false);
  const [choosing, setChoosing] = useState(false);
  useCommand({
    id: "claude.conversations",
    title: "Claude: Choose a conversation…",
    run: () => {
      showPane("claude");
      setChoosing(true);
    },
  });
  // What goes on in conversations that are not on the screen.
  const others = new Set(
    list.flatMap(({ conversationId, state }) =>
      conversationId === conversation?.conversationId ? [] : [state],
    ),
  );
  return (
    <header className="flex h-9 shrink-0 items-center gap-1 border-b px-1.5">
      <DropdownMenu open={choosing} onOpenChange={setChoosing}>
        <DropdownMenuTrigger asChild>
          <Button
            variant="ghost"
            size="sm"
            aria-label={`Conversation: ${titleOf(conversation)}`}
            title={others.has("waiting") ? "Another conversation waits for you" : undefined}
            className="min-w-0 shrink px-1.5 text-[13px]"
          >
            {others.has("waiting") ? (
              <StateDot state="waiting" />
            ) : (
              others.has("working") && <StateDot state="working" />
            )}
            <span className="truncate">{titleOf(conversation)}</span>
            <ChevronDownIcon className="size-3.5 text-muted-foreground" />
          </Button>
        </DropdownMenuTrigger>
        <Picker list={list} current={conversation} onChoose={onChoose} />
      </DropdownMenu>
      {conversation !== null && (
        <ConversationMenu conversation={conversation} canUse={canUse} onRename={() => setRenaming(true)} />
      )}
      <div className="ml-auto flex shrink-0 items-center gap-1">
        {conversation !== null && (
          <ContextMeter sessionId={sessionId} conversation={conversation} canUse={canUse} ready={ready} />
        )}
        {conversation !== null && <Cost conversation={conversation} />}
        <SettingsButton sessionId={sessionId} conversationId={conversationId} canUse={canUse} ready={ready} />
        <Tooltip label="Find in conversations">
          <Button variant="quiet" size="icon-sm" aria-label="Find in conversations" onClick={onFind}>
            <SearchIcon />
          </Button>
        </Tooltip>
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
