"use client";

import type { ReactNode } from "react";
import { isMac, keysLabel } from "../workbench/commands.ts";
import type { ShortcutGroup } from "../workbench/shortcuts.ts";
import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from "./ui/dialog.tsx";

/** A list of keys, by where they work. */
export function KeysDialog({
  open,
  onOpenChange,
  description,
  groups,
}: {
  open: boolean;
  onOpenChange(open: boolean): void;
  description: ReactNode;
  groups: readonly ShortcutGroup[];
}) {
  const mac = isMac();
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent className={groups.length > 1 ? "max-w-3xl" : "max-w-md"}>
        <DialogHeader>
          <DialogTitle>Keyboard shortcuts</DialogTitle>
          <DialogDescription>{description}</DialogDescription>
        </DialogHeader>
        <div
          className={`min-h-0 overflow-y-auto outline-offset-2 ${groups.length > 1 ? "sm:columns-2 sm:gap-8" : ""}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must be able to get there
          tabIndex={0}
        >
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
