import { type KeyboardEvent, useRef } from "react";
import { openFile } from "../../store.ts";
import { entryRows, type KeyAct, keyAct } from "./keyboard.ts";
import { nothingSelected, selectOne, selectRange, targetsOf, typeAhead } from "./selection.ts";
import type { Row } from "./tree-model.ts";
import type { ExplorerModel } from "./use-explorer.ts";

/** Letters that follow each other faster than this make one word. */
const typingMs = 800;

interface View {
  /** Brings a line into view. */
  show(path: string): void;
  pageSize(): number;
}

/** Opens the menu of the focused line where the line is, not where the mouse happens to be. */
function openMenu(tree: HTMLElement): void {
  const line = tree.querySelector(`#${CSS.escape(tree.getAttribute("aria-activedescendant") ?? "")}`);
  if (line === null) return;
  const { left, bottom } = line.getBoundingClientRect();
  const place = { bubbles: true, cancelable: true, clientX: left + 40, clientY: bottom };
  line.dispatchEvent(new MouseEvent("contextmenu", place));
}

/** The tree's keyboard. */
export function useTreeKeys(model: ExplorerModel, rows: readonly Row[], view: View) {
  const typed = useRef({ text: "", at: 0 });
  const { files, selection, select, writable } = model;

  const carryOut = (act: KeyAct, extend: boolean, tree: HTMLElement) => {
    const order = entryRows(rows).map((row) => row.path);
    switch (act.act) {
      case "focus":
        select(extend ? selectRange(selection, act.path, order) : selectOne(act.path));
        return view.show(act.path);
      case "expand":
        return void files.expand(act.path);
      case "collapse":
        return files.collapse(act.path);
      case "toggle":
        return files.store.getState().expanded.has(act.path)
          ? files.collapse(act.path)
          : void files.expand(act.path);
      case "open":
        if (model.entry(act.path)?.type === "file") openFile(act.path, act.preview ? { preview: true } : {});
        return;
      case "rename":
        return writable ? model.startRename(act.path) : undefined;
      case "delete":
        return writable ? void model.remove(targetsOf(selection, act.path)) : undefined;
      case "menu":
        return openMenu(tree);
      case "select-all":
        return select({ ...selection, paths: new Set(order) });
      case "deselect":
        return select({ ...nothingSelected, focused: selection.focused });
    }
  };

  const jump = (key: string): boolean => {
    const now = performance.now();
    const continuing = now - typed.current.at < typingMs;
    const text = continuing ? typed.current.text + key : key;
    typed.current = { text, at: now };
    const lines = entryRows(rows);
    const focused = lines.findIndex((row) => row.path === selection.focused);
    const names = lines.map((row) => row.entry.name);
    // The same letter again and again goes through all that begin with it.
    const repeated = text.length > 1 && [...text].every((letter) => letter === text[0]);
    const at = typeAhead(names, focused, repeated ? key : text, continuing && !repeated);
    const path = lines[at]?.path;
    if (path === undefined) return false;
    select(selectOne(path));
    view.show(path);
    return true;
  };

  return (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget || event.nativeEvent.isComposing) return;
    const lines = entryRows(rows);
    const focused = lines.findIndex((row) => row.path === selection.focused);
    const { key } = event;
    const spaceInWord = key === " " && performance.now() - typed.current.at < typingMs;
    const act = spaceInWord ? null : keyAct(lines, focused, event, view.pageSize());
    if (act !== null) {
      event.preventDefault();
      carryOut(act, event.shiftKey && act.act === "focus", event.currentTarget);
      return;
    }
    const letter = [...key].length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (letter && jump(key)) event.preventDefault();
  };
}
