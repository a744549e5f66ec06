"use client";

import type { McpServer } from "@remote-claude/protocol";
import { RotateCwIcon, Trash2Icon } from "lucide-react";
import { useState } from "react";
import { Badge, type BadgeTone } from "../../components/ui/badge.tsx";
import { Button } from "../../components/ui/button.tsx";
import { ServerSignIn, type ServerSignInActions } from "./server-sign-in.tsx";

const statuses: Readonly<Record<McpServer["status"], { label: string; tone: BadgeTone }>> = {
  connected: { label: "Connected", tone: "success" },
  failed: { label: "Failed", tone: "destructive" },
  "needs-auth": { label: "Wants a sign-in", tone: "warning" },
  pending: { label: "Connecting…", tone: "info" },
  disabled: { label: "Off", tone: "neutral" },
};

const scopes = { project: "Project", user: "Your own" } as const;

interface ServerRowProps extends ServerSignInActions {
  readonly server: McpServer;
  readonly canUse: boolean;
  onSwitch(enabled: boolean): Promise<unknown>;
  onReconnect(): Promise<unknown>;
  onRemove(): Promise<unknown>;
}

/** One server: how it is, why it is not well, and its tools. */
export function ServerRow({ server, canUse, ...actions }: ServerRowProps) {
  const { name, scope, target, status, error, version, tools } = server;
  return (
    <li className="rounded-lg border bg-surface p-3">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="font-medium text-[13px]">{name}</span>
        <Badge tone={statuses[status].tone}>{statuses[status].label}</Badge>
        <span className="text-[11px] text-muted-foreground">
          {scope === null ? "From elsewhere" : scopes[scope]}
          {version !== null && ` · version ${version}`}
        </span>
        {canUse && <ServerActions server={server} {...actions} />}
      </div>
      {target !== "" && (
        <p className="claude-mono mt-1 text-[11px] text-muted-foreground [overflow-wrap:anywhere]">
          {target}
        </p>
      )}
      {error !== null && status === "failed" && (
        <p role="status" className="mt-1.5 text-destructive text-xs [overflow-wrap:anywhere]">
          {error}
        </p>
      )}
      {status === "needs-auth" && canUse && (
        <ServerSignIn name={name} onBegin={actions.onBegin} onFinish={actions.onFinish} />
      )}
      {tools.length > 0 && (
        <details className="mt-1.5 text-xs">
          <summary className="cursor-pointer text-muted-foreground">
            {tools.length === 1 ? "1 tool" : `${tools.length} tools`}
          </summary>
          <ul className="mt-1 flex flex-col gap-1">
            {tools.map((tool) => (
              <li key={tool.name}>
                <span className="claude-mono">{tool.name}</span>
                {tool.description !== "" && (
                  <span className="text-muted-foreground"> — {tool.description}</span>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function ServerActions({
  server: { name, scope, status },
  onSwitch,
  onReconnect,
  onRemove,
}: Pick<ServerRowProps, "server" | "onSwitch" | "onReconnect" | "onRemove">) {
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(false);
  const run = (step: () => Promise<unknown>) => {
    setBusy(true);
    void step().finally(() => setBusy(false));
  };
  const off = status === "disabled";
  return (
    <span className="ml-auto flex items-center gap-1">
      <Button size="sm" disabled={busy} onClick={() => run(() => onSwitch(off))}>
        {off ? "Turn on" : "Turn off"}
        <span className="sr-only"> {name}</span>
      </Button>
      {!off && (
        <Button
          variant="quiet"
          size="icon-sm"
          disabled={busy}
          aria-label={`Connect ${name} again`}
          title="Connect again"
          onClick={() => run(onReconnect)}
        >
          <RotateCwIcon className="size-3.5" />
        </Button>
      )}
      {scope !== null && !sure && (
        <Button
          variant="quiet"
          size="icon-sm"
          disabled={busy}
          aria-label={`Remove ${name}`}
          title="Remove"
          onClick={() => setSure(true)}
        >
          <Trash2Icon className="size-3.5" />
        </Button>
      )}
      {sure && (
        <>
          <Button variant="destructive" size="sm" disabled={busy} autoFocus onClick={() => run(onRemove)}>
            Remove <span className="sr-only">{name}</span>
          </Button>
          <Button size="sm" disabled={busy} onClick={() => setSure(false)}>
            Keep
          </Button>
        </>
      )}
    </span>
  );
}
