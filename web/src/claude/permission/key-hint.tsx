"use client";

import { isMac, keysLabel } from "../../workbench/commands.ts";

/** The key that presses a button, for those who see; the button's name stays its word alone. */
export function KeyCap({ letter }: { letter: string }) {
  return (
    <kbd aria-hidden className="hidden font-sans text-[10px] opacity-60 sm:inline">
      {letter}
    </kbd>
  );
}

/** How the letters on the buttons work: in a text box, where most people are, one alone is a letter. */
export function KeysHint() {
  return (
    <p className="mt-1.5 hidden text-[11px] text-muted-foreground sm:block">
      The letters are keys. While you write, hold {keysLabel("Alt", isMac())} with them.
    </p>
  );
}
