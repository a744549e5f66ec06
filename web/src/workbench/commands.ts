import { useEffect, useRef } from "react";
import { create } from "zustand";

/** Something one can do from the command palette or by a key. */
export interface WorkbenchCommand {
  /** `area.verb`, e.g. `terminal.create`. Registering the same id again replaces it. */
  id: string;
  /** As the palette shows it: "Terminal: New terminal". */
  title: string;
  /** "Mod+Shift+P"; Mod is Cmd on a Mac and Ctrl elsewhere. Use `Ctrl` where it is Ctrl everywhere. */
  keys?: string;
  /** The key is a shell's own (Ctrl+P, Ctrl+B): leave it to the terminal when that has the focus. */
  leaveToTerminal?: boolean;
  run: () => void | Promise<void>;
}

interface CommandsState {
  commands: ReadonlyMap<string, WorkbenchCommand>;
  /** What the palette shows, or null while it is closed. */
  palette: "commands" | "files" | null;
}

export const useCommands = create<CommandsState>(() => ({ commands: new Map(), palette: null }));

/** Adds a command to the palette and the keyboard. Returns what takes it out again. */
export function registerCommand(command: WorkbenchCommand): () => void {
  useCommands.setState(({ commands }) => ({ commands: new Map(commands).set(command.id, command) }));
  return () =>
    useCommands.setState(({ commands }) => {
      if (commands.get(command.id) !== command) return {};
      const rest = new Map(commands);
      rest.delete(command.id);
      return { commands: rest };
    });
}

/** Registers a command while the component is mounted; `run` may change from one drawing to the next. */
export function useCommand(command: WorkbenchCommand): void {
  const latest = useRef(command.run);
  useEffect(() => {
    latest.current = command.run;
  });
  const { id, title, keys, leaveToTerminal } = command;
  useEffect(
    () =>
      registerCommand({
        id,
        title,
        ...(keys === undefined ? {} : { keys }),
        ...(leaveToTerminal === undefined ? {} : { leaveToTerminal }),
        run: () => latest.current(),
      }),
    [id, title, keys, leaveToTerminal],
  );
}

export function runCommand(id: string): void {
  void useCommands.getState().commands.get(id)?.run();
}

export function openPalette(palette: "commands" | "files"): void {
  useCommands.setState({ palette });
}

type KeyPress = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** Whether a key press is the one that `keys` names. */
export function matchesKeys(keys: string, press: KeyPress, mac: boolean): boolean {
  const parts = keys.split("+");
  const key = (parts.pop() ?? "").toLowerCase();
  const wanted = new Set(parts);
  const ctrl = wanted.has("Ctrl") || (wanted.has("Mod") && !mac);
  const meta = wanted.has("Mod") && mac;
  if (press.ctrlKey !== ctrl || press.metaKey !== meta) return false;
  if (press.shiftKey !== wanted.has("Shift") || press.altKey !== wanted.has("Alt")) return false;
  // By position too: with Shift, or on other layouts, `key` is another character.
  return press.key.toLowerCase() === key || (key === "`" && press.code === "Backquote");
}

/** `keys` as this person's keyboard says it. */
export function keysLabel(keys: string, mac: boolean): string {
  if (!mac) return keys.replace("Mod", "Ctrl");
  const signs: Record<string, string> = { Mod: "⌘", Shift: "⇧", Alt: "⌥", Ctrl: "⌃" };
  return keys
    .split("+")
    .map((part) => signs[part] ?? part)
    .join("");
}

export const isMac = () => typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);
