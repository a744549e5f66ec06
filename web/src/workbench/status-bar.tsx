"use client";

import type { PublicConfig, Session } from "@remote-claude/protocol";
import {
  CloudOffIcon,
  GitBranchIcon,
  KeyboardIcon,
  PlugIcon,
  ShieldAlertIcon,
  ShieldCheckIcon,
} from "lucide-react";
import type { ReactNode } from "react";
import { Tooltip } from "../components/ui/tooltip.tsx";
import { formatUsd } from "../lib/format.ts";
import { useConnection } from "../lib/hooks.ts";
import type { ConnectionStatus } from "../lib/live.ts";
import { cn } from "../lib/utils.ts";
import { isMac, keysLabel, useCommands } from "./commands.ts";
import { useWorkbench } from "./store.ts";

const connections: Record<ConnectionStatus, string> = {
  idle: "Connecting",
  connecting: "Connecting",
  connected: "Connected",
  reconnecting: "Reconnecting",
  "signed-out": "Signed out",
  outdated: "Reload needed",
};

const isolations = {
  container: {
    label: "Container",
    about: "This session runs in a container of its own, without a network card.",
  },
  bubblewrap: {
    label: "Sandboxed",
    about: "This session is walled off with bubblewrap: it sees its own files only.",
  },
  none: {
    label: "Not isolated",
    about:
      "Programs in this session can read what the account that runs Remote Claude can read. Install bubblewrap and start Remote Claude again to wall sessions off.",
  },
};

function Item({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <span className={cn("flex h-full items-center gap-1 whitespace-nowrap px-1.5", className)}>
      {children}
    </span>
  );
}

function ConnectionItem() {
  const { status } = useConnection();
  const good = status === "connected";
  const Icon = good ? PlugIcon : CloudOffIcon;
  return (
    <Item className={good ? "" : "bg-warning-soft text-warning"}>
      <Icon className="size-3" aria-hidden />
      <span role="status">{connections[status]}</span>
    </Item>
  );
}

function IsolationItem({ isolation }: { isolation: keyof typeof isolations }) {
  const { label, about } = isolations[isolation];
  const Icon = isolation === "none" ? ShieldAlertIcon : ShieldCheckIcon;
  return (
    <Tooltip label={about} side="top">
      <button
        type="button"
        className={cn(
          "flex h-full items-center gap-1 whitespace-nowrap px-1.5 hover:bg-hover",
          isolation === "none" && "bg-warning-soft font-medium text-warning",
        )}
      >
        <Icon className="size-3" aria-hidden />
        {label}
      </button>
    </Tooltip>
  );
}

/** Connection, branch, isolation and cost on the left; what the editor shows on the right. */
export function StatusBar({ session, settings }: { session: Session; settings: PublicConfig }) {
  const branch = useWorkbench((state) => state.branch) ?? session.branch;
  const cursor = useWorkbench((state) => state.cursor);
  const format = useWorkbench((state) => state.format);
  return (
    <footer className="flex h-6 shrink-0 items-center overflow-hidden border-t bg-chrome px-1 text-[11px] text-muted-foreground">
      <ConnectionItem />
      {branch !== null && (
        <Item className="min-w-0">
          <GitBranchIcon className="size-3 shrink-0" aria-hidden />
          <span className="max-w-40 truncate">{branch}</span>
        </Item>
      )}
      <IsolationItem isolation={session.isolation ?? settings.isolation} />
      <Item>
        <span title="What Claude has cost in this session">{formatUsd(session.costUsd)}</span>
      </Item>
      <div className="ml-auto flex h-full items-center">
        {cursor !== null && (
          <Item className="hidden sm:flex">
            Ln {cursor.line}, Col {cursor.column}
            {cursor.selected > 0 && ` (${cursor.selected} selected)`}
          </Item>
        )}
        {format !== null && (
          <>
            <Item className="hidden sm:flex">{format.indentation}</Item>
            <Item className="hidden sm:flex">{format.lineEnd}</Item>
            <Item>{format.language}</Item>
          </>
        )}
        <Tooltip label="Keyboard shortcuts" keys={keysLabel("Mod+Shift+/", isMac())} side="top">
          <button
            type="button"
            aria-label="Keyboard shortcuts"
            onClick={() => useCommands.setState({ shortcuts: true })}
            className="hidden h-full items-center px-1.5 hover:bg-hover md:flex"
          >
            <KeyboardIcon className="size-3.5" aria-hidden />
          </button>
        </Tooltip>
      </div>
    </footer>
  );
}
