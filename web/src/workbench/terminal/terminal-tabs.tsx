"use client";

import type { Terminal as TerminalInfo } from "@remote-claude/protocol";
import { PlusIcon, SquareTerminalIcon, XIcon } from "lucide-react";
import type { KeyboardEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import {
  ContextMenu,
  ContextMenuContent,
  ContextMenuItem,
  ContextMenuSeparator,
  ContextMenuTrigger,
} from "../../components/ui/context-menu.tsx";
import { Tooltip } from "../../components/ui/tooltip.tsx";
import { cn } from "../../lib/utils.ts";
import { isMac, keysLabel } from "../commands.ts";
import { RecordedMark } from "./recorded-mark.tsx";
import type { Terminals } from "./use-terminals.ts";

function RenameField({ title, onDone }: { title: string; onDone(title: string | null): void }) {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") onDone(event.currentTarget.value.trim() || null);
    if (event.key === "Escape") onDone(null);
  };
  return (
    <input
      aria-label="Name of the terminal"
      className="w-28 rounded-sm border border-ring bg-surface px-1 text-xs outline-none"
      defaultValue={title}
      maxLength={200}
      ref={(input) => input?.select()}
      onBlur={(event) => onDone(event.currentTarget.value.trim() || null)}
      onKeyDown={onKeyDown}
    />
  );
}

interface TabProps {
  terminal: TerminalInfo;
  terminals: Terminals;
  renaming: boolean;
  onRename(terminalId: string | null): void;
}

function TabLabel({ terminal, terminals, renaming, onRename }: TabProps) {
  const { terminalId, title, exitCode } = terminal;
  const active = terminals.list.activeId === terminalId;
  if (renaming) {
    return (
      <RenameField
        title={title}
        onDone={(next) => {
          onRename(null);
          if (next !== null && next !== title) void terminals.rename(terminalId, next);
        }}
      />
    );
  }
  return (
    <button
      type="button"
      role="tab"
      aria-selected={active}
      aria-controls={`terminal-${terminalId}`}
      tabIndex={active ? 0 : -1}
      className="flex h-full items-center gap-1.5 pl-2.5 outline-offset-[-2px]"
      onClick={() => terminals.activate(terminalId)}
      onKeyDown={(event) => event.key === "Delete" && terminals.writable && void terminals.close(terminalId)}
      onDoubleClick={() => terminals.writable && onRename(terminalId)}
      onAuxClick={(event) => event.button === 1 && terminals.writable && void terminals.close(terminalId)}
    >
      <SquareTerminalIcon className="size-3.5 shrink-0 text-muted-foreground" aria-hidden />
      <span className={cn("max-w-40 truncate", exitCode !== null && "line-through opacity-70")}>{title}</span>
    </button>
  );
}

function Tab(props: TabProps) {
  const { terminal, terminals, onRename } = props;
  const { terminalId, title } = terminal;
  const active = terminals.list.activeId === terminalId;
  return (
    <ContextMenu>
      <ContextMenuTrigger asChild disabled={!terminals.writable}>
        <div
          role="presentation"
          className={cn(
            "group relative flex h-full shrink-0 items-center border-r pr-1 text-muted-foreground text-xs hover:text-foreground",
            !terminals.writable && "pr-2.5",
            active &&
              "bg-background text-foreground after:absolute after:inset-x-0 after:top-0 after:h-0.5 after:bg-clay",
          )}
        >
          <TabLabel {...props} />
          {terminals.writable && (
            <Button
              variant="quiet"
              size="icon-sm"
              // For the pointer; a tab list holds nothing but tabs, which Delete closes.
              tabIndex={-1}
              aria-hidden
              title={`Close ${title}`}
              className={cn(
                "ml-0.5 size-5 opacity-0 focus-visible:opacity-100 group-hover:opacity-100",
                active && "opacity-70",
              )}
              onClick={() => void terminals.close(terminalId)}
            >
              <XIcon />
            </Button>
          )}
        </div>
      </ContextMenuTrigger>
      <ContextMenuContent>
        <ContextMenuItem onSelect={() => setTimeout(() => onRename(terminalId))}>Rename…</ContextMenuItem>
        <ContextMenuItem onSelect={() => void terminals.create()}>New terminal</ContextMenuItem>
        <ContextMenuSeparator />
        <ContextMenuItem danger onSelect={() => void terminals.close(terminalId)}>
          Close
        </ContextMenuItem>
      </ContextMenuContent>
    </ContextMenu>
  );
}

/** One tab a terminal, and the button for another one. */
export function TerminalTabs({
  terminals,
  renaming,
  onRename,
}: {
  terminals: Terminals;
  renaming: string | null;
  onRename(terminalId: string | null): void;
}) {
  const { list, writable, reachable } = terminals;
  const shown = list.terminals.find(({ terminalId }) => terminalId === list.activeId);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || event.target instanceof HTMLInputElement || list.terminals.length === 0) return;
    const at = list.terminals.findIndex(({ terminalId }) => terminalId === list.activeId);
    const next = list.terminals[(at + step + list.terminals.length) % list.terminals.length];
    if (next === undefined) return;
    terminals.activate(next.terminalId);
    const row = event.currentTarget;
    requestAnimationFrame(() => row.querySelector<HTMLElement>("[role=tab][aria-selected=true]")?.focus());
  };
  return (
    <div className="flex h-8 shrink-0 items-center border-b bg-chrome">
      <div
        role="tablist"
        aria-label="Terminals"
        className="flex h-full min-w-0 items-center overflow-x-auto [scrollbar-width:none]"
        onKeyDown={onKeyDown}
      >
        {list.terminals.map((terminal) => (
          <Tab
            key={terminal.terminalId}
            terminal={terminal}
            terminals={terminals}
            renaming={renaming === terminal.terminalId}
            onRename={onRename}
          />
        ))}
      </div>
      {writable && (
        <Tooltip label="New terminal" keys={keysLabel("Ctrl+Shift+`", isMac())}>
          <Button
            variant="quiet"
            size="icon-sm"
            aria-label="New terminal"
            className="mx-1"
            disabled={!reachable}
            onClick={() => void terminals.create()}
          >
            <PlusIcon />
          </Button>
        </Tooltip>
      )}
      <RecordedMark recorded={shown?.recorded} />
    </div>
  );
}
