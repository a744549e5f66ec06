import { useEffect } from "react";
import { isMac, matchesKeys, useCommands } from "./commands.ts";

/** Runs registered commands by their keys, before the editor or the terminal sees the key. */
export function useKeybindings(): void {
  useEffect(() => {
    const mac = isMac();
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented) return;
      const inTerminal =
        event.target instanceof Element && event.target.closest("[data-pane=terminal]") !== null;
      for (const command of useCommands.getState().commands.values()) {
        if (command.keys === undefined || !matchesKeys(command.keys, event, mac)) continue;
        if (inTerminal && command.leaveToTerminal) continue;
        event.preventDefault();
        event.stopPropagation();
        void command.run();
        return;
      }
    };
    window.addEventListener("keydown", onKeyDown, { capture: true });
    return () => window.removeEventListener("keydown", onKeyDown, { capture: true });
  }, []);
}
