import { type AdminSession, canTransition } from "@remote-claude/protocol";
import { EyeIcon } from "lucide-react";
import { useState } from "react";
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { Button } from "../../components/ui/button.tsx";
import { formatBytes, formatRelative, formatUsd } from "../../lib/format.ts";
import { StateBadge } from "../../sessions/state-badge.tsx";

interface SessionRowProps {
  session: AdminSession;
  mayLookInside: boolean;
  onStop(): Promise<void>;
  onLookInside(): void;
}

/** Somebody's session in the list: whose it is, what it takes, and the way to stop it. */
export function SessionRow({ session, mayLookInside, onStop, onLookInside }: SessionRowProps) {
  const { name, state, owner, template, lastActiveAt, sizeBytes, costUsd } = session;
  const [stopping, setStopping] = useState(false);
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1.5 py-2.5 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
          <span className="truncate font-medium">{name}</span>
          <StateBadge state={state} />
        </p>
        <p className="truncate text-muted-foreground text-xs">
          {owner.name} · {owner.email}
        </p>
        <p className="text-muted-foreground text-xs">
          {template} · active {formatRelative(lastActiveAt)} · {formatUsd(costUsd)}
          {sizeBytes !== null && ` · ${formatBytes(sizeBytes)}`}
        </p>
      </div>
      {mayLookInside && (
        <Button size="sm" variant="ghost" onClick={onLookInside}>
          <EyeIcon /> Look inside…
        </Button>
      )}
      {canTransition(state, "stopping") && !stopping && (
        <ConfirmButton
          label="Stop"
          title={`Stop “${name}”?`}
          description={`What runs in it ends. ${owner.name}’s files and chats stay, and the session can be resumed.`}
          onConfirm={() => {
            setStopping(true);
            void onStop().finally(() => setStopping(false));
          }}
        />
      )}
    </li>
  );
}
