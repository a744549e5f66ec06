import { useEffect, useRef } from "react";
import type { ShortcutGroup } from "../../workbench/shortcuts.ts";

/** Every key of the page, for the list of them. */
export const entryKeys: readonly ShortcutGroup[] = [
  {
    name: "In the audit record",
    shortcuts: [
      { title: "Next and previous entry", keys: ["J", "K"] },
      { title: "The same, in the list", keys: ["↓", "↑"] },
      { title: "Open the entry", keys: ["Enter"] },
      { title: "Close it", keys: ["Escape"] },
      { title: "Search", keys: ["/"] },
      { title: "Live on and off", keys: ["L"] },
      { title: "These shortcuts", keys: ["?"] },
    ],
  },
];

export interface EntryActs {
  /** To the entry so many further down. */
  move(step: number): void;
  close(): void;
  search(): void;
  toggleLive(): void;
  showKeys(): void;
}

/** Where letters are letters, and where a menu or a dialog has keys of its own. */
const others =
  "input, textarea, select, [contenteditable], [role=dialog], [role=alertdialog], [role=menu], [role=listbox], [role=toolbar]";

/** Runs the page's keys. */
export function useEntryKeys(acts: EntryActs): void {
  const latest = useRef(acts);
  useEffect(() => {
    latest.current = acts;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey)
        return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest(others)) return;
      const { move, close, search, toggleLive, showKeys } = latest.current;
      const inList = target?.closest("[data-entry]") != null || target === document.body;
      const keys: Record<string, (() => void) | undefined> = {
        j: () => move(1),
        k: () => move(-1),
        ArrowDown: inList ? () => move(1) : undefined,
        ArrowUp: inList ? () => move(-1) : undefined,
        Escape: close,
        "/": search,
        l: toggleLive,
        "?": showKeys,
      };
      const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
