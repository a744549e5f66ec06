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
  /** The list of keys is open. */
  shortcuts: boolean;
}

export const useCommands = create<CommandsState>(() => ({
  commands: new Map(),
  palette: null,
  shortcuts: false,
}));

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
  if (press.key.toLowerCase() === key) return true;
  // By position too: other alphabets have no such letter, and Shift or a Mac's Alt make another character of it.
  // Elsewhere Ctrl and Alt together are how AltGr types a character, which is then meant.
  const latin = /^[a-z0-9]$/i.test(press.key);
  return !latin && (mac || !(press.ctrlKey && press.altKey)) && press.code === codeOf(key);
}

function codeOf(key: string): string {
  if (/^[a-z]$/.test(key)) return `Key${key.toUpperCase()}`;
  if (/^[0-9]$/.test(key)) return `Digit${key}`;
  return { "`": "Backquote", "/": "Slash" }[key] ?? key;
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
