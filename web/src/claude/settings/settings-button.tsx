"use client";

import { Settings2Icon } from "lucide-react";
import { useState } from "react";
import { LateDialog } from "../../components/late-dialog.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Tooltip } from "../../components/ui/tooltip.tsx";
import { useCommand } from "../../workbench/commands.ts";
import type { SettingsPlace } from "./settings-place.ts";

const loadSettings = () => import("./settings-dialog.tsx").then((module) => module.ClaudeSettingsDialog);

/** Opens what shapes this session's Claude. */
export function SettingsButton({ ready, ...place }: SettingsPlace & { ready: boolean }) {
  const [open, setOpen] = useState(false);
  useCommand({
    id: "claude.settings",
    title: "Claude: MCP servers, subagents, skills and other settings",
    run: () => (ready ? setOpen(true) : undefined),
  });
  return (
    <>
      <Tooltip label="Claude's settings">
        <Button
          variant="quiet"
          size="icon-sm"
          aria-label="Claude's settings"
          disabled={!ready}
          onClick={() => setOpen(true)}
        >
          <Settings2Icon className="size-3.5" />
        </Button>
      </Tooltip>
      {/* Few look at it in a visit: it comes when somebody does. */}
      <LateDialog load={loadSettings} dialog={{ open, onOpenChange: setOpen, ...place }} ahead={false} />
    </>
  );
}
