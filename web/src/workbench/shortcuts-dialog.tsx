"use client";

import { useMemo } from "react";
import { KeysDialog } from "../components/keys-dialog.tsx";
import { isMac, keysLabel, useCommands } from "./commands.ts";
import { shortcutGroups } from "./shortcuts.ts";

/** Every key there is, where it works. */
export function ShortcutsDialog() {
  const open = useCommands((state) => state.shortcuts);
  const commands = useCommands((state) => state.commands);
  const groups = useMemo(() => (open ? shortcutGroups(commands.values()) : []), [open, commands]);
  return (
    <KeysDialog
      open={open}
      onOpenChange={(shortcuts) => useCommands.setState({ shortcuts })}
      description={<>Everything else has a name: press {keysLabel("Mod+Shift+P", isMac())} and type it.</>}
      groups={groups}
    />
  );
}
