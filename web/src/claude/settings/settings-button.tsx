"use client";

import { Settings2Icon } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Tooltip } from "../../components/ui/tooltip.tsx";
import { toast } from "../../lib/toast.ts";
import { useCommand } from "../../workbench/commands.ts";
import type { SettingsPlace } from "./settings-place.ts";

type Dialog = typeof import("./settings-dialog.tsx").ClaudeSettingsDialog;

/** Opens what shapes this session's Claude. */
export function SettingsButton({ ready, ...place }: SettingsPlace & { ready: boolean }) {
  const [open, setOpen] = useState(false);
  // Few look at it in a visit: it comes when somebody does.
  const [Loaded, setLoaded] = useState<Dialog | null>(null);
  const show = async () => {
    setOpen(true);
    try {
      const { ClaudeSettingsDialog } = await import("./settings-dialog.tsx");
      setLoaded(() => ClaudeSettingsDialog);
    } catch {
      setOpen(false);
      toast.error("Claude's settings could not be loaded. Check your connection.");
    }
  };
  useCommand({
    id: "claude.settings",
    title: "Claude: MCP servers, subagents, skills and other settings",
    run: () => (ready ? show() : undefined),
  });
  return (
    <>
      <Tooltip label="Claude's settings">
        <Button
          variant="quiet"
          size="icon-sm"
          aria-label="Claude's settings"
          disabled={!ready}
          onClick={() => void show()}
        >
          <Settings2Icon className="size-3.5" />
        </Button>
      </Tooltip>
      {Loaded !== null && <Loaded open={open} onOpenChange={setOpen} {...place} />}
    </>
  );
}
