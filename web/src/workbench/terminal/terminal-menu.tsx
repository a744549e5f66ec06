"use client";

import { type ReactNode, useState } from "react";
import {
  ContextMenu,
  ContextMenuContent,
  ContextMenuItem,
  ContextMenuSeparator,
  ContextMenuShortcut,
  ContextMenuTrigger,
} from "../../components/ui/context-menu.tsx";
import { toast } from "../../lib/toast.ts";
import { isMac, keysLabel } from "../commands.ts";
import type { TerminalController } from "./terminal-controller.ts";

async function paste(controller: TerminalController): Promise<void> {
  try {
    controller.paste(await navigator.clipboard.readText());
  } catch {
    toast.info(`The browser does not give the clipboard away: press ${isMac() ? "⌘V" : "Ctrl+Shift+V"}.`);
    controller.focus();
  }
}

/** What a right click in the terminal offers. */
export function TerminalMenu({
  controller,
  writable,
  onFind,
  children,
}: {
  controller: TerminalController | null;
  writable: boolean;
  onFind(): void;
  children: ReactNode;
}) {
  const [selected, setSelected] = useState(false);
  const keys = (name: string) => (
    <ContextMenuShortcut>
      {keysLabel(isMac() ? name.replace("Shift+", "") : name, isMac())}
    </ContextMenuShortcut>
  );
  return (
    <ContextMenu onOpenChange={(open) => open && setSelected(controller?.terminal.hasSelection() ?? false)}>
      <ContextMenuTrigger asChild>{children}</ContextMenuTrigger>
      {controller !== null && (
        <ContextMenuContent onCloseAutoFocus={(event) => event.preventDefault()}>
          <ContextMenuItem
            disabled={!selected}
            onSelect={() => {
              controller.copy();
              controller.focus();
            }}
          >
            Copy {keys("Mod+Shift+C")}
          </ContextMenuItem>
          {writable && (
            <ContextMenuItem onSelect={() => void paste(controller)}>
              Paste {keys("Mod+Shift+V")}
            </ContextMenuItem>
          )}
          <ContextMenuItem onSelect={() => controller.selectAll()}>Select all</ContextMenuItem>
          <ContextMenuSeparator />
          <ContextMenuItem onSelect={() => setTimeout(onFind)}>Find… {keys("Mod+F")}</ContextMenuItem>
          <ContextMenuItem onSelect={() => controller.clear()}>Clear</ContextMenuItem>
        </ContextMenuContent>
      )}
    </ContextMenu>
  );
}
