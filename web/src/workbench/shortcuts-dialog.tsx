"use client";

import { useMemo } from "react";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from "../components/ui/dialog.tsx";
import { isMac, keysLabel, useCommands } from "./commands.ts";
import { shortcutGroups } from "./shortcuts.ts";

/** Every key there is, where it works. */
export function ShortcutsDialog() {
  const open = useCommands((state) => state.shortcuts);
  const commands = useCommands((state) => state.commands);
  const groups = useMemo(() => (open ? shortcutGroups(commands.values()) : []), [open, commands]);
  const mac = isMac();
  return (
    <Dialog open={open} onOpenChange={(shortcuts) => useCommands.setState({ shortcuts })}>
      <DialogContent className="max-w-3xl">
        <DialogHeader>
          <DialogTitle>Keyboard shortcuts</DialogTitle>
          <DialogDescription>
            Everything else has a name: press {keysLabel("Mod+Shift+P", mac)} and type it.
          </DialogDescription>
        </DialogHeader>
        {/* It scrolls, so the keyboard must be able to get there. */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
        <div className="min-h-0 overflow-y-auto outline-offset-2 sm:columns-2 sm:gap-8" tabIndex={0}>
          {groups.map(({ name, shortcuts }) => (
            <section key={name} aria-label={name} className="mb-4 break-inside-avoid">
              <h3 className="mb-1 font-semibold text-[11px] text-muted-foreground uppercase tracking-wide">
                {name}
              </h3>
              <dl>
                {shortcuts.map(({ title, keys }) => (
                  <div key={title} className="flex items-baseline justify-between gap-3 py-0.5">
                    <dt>{title}</dt>
                    <dd className="flex shrink-0 gap-1">
                      {keys.map((key) => (
                        <kbd
                          key={key}
                          className="rounded-sm border bg-muted px-1.5 py-0.5 font-sans text-[11px] text-muted-foreground"
                        >
                          {keysLabel(key, mac)}
                        </kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </DialogContent>
    </Dialog>
  );
}
