import type { Terminal } from "@xterm/xterm";
import { isMac } from "../commands.ts";

interface TerminalKeysOptions {
  terminal: Terminal;
  find(): void;
  /** Copies the selection; false when nothing is selected. */
  copy(): boolean;
}

/**
 * Keys that are the page's and not the shell's: copy, paste and find. False: xterm leaves the key alone. Pasting
 * is left to the browser, which may read the clipboard without asking.
 */
export function terminalKeyHandler({ terminal, find, copy }: TerminalKeysOptions) {
  const mac = isMac();
  const windows = /Win/.test(navigator.platform);
  return (event: KeyboardEvent): boolean => {
    if (event.type !== "keydown" || event.altKey) return true;
    const key = event.key.toLowerCase();
    const mod = mac ? event.metaKey : event.ctrlKey;
    if (!mod) return true;
    if (key === "f" && !event.shiftKey) {
      event.preventDefault();
      find();
      return false;
    }
    if (key === "v" && (mac || event.shiftKey || windows)) return false;
    if (key === "c" && (mac || event.shiftKey || (windows && terminal.hasSelection()))) {
      event.preventDefault();
      copy();
      if (windows && !event.shiftKey) terminal.clearSelection();
      return false;
    }
    return true;
  };
}

/** What a key types when Ctrl is held with it: Ctrl+C is 0x03. What has no such meaning stays as it is. */
export function pressWithCtrl(text: string): string {
  if (text.length !== 1) return text;
  const code = text.toUpperCase().charCodeAt(0);
  if (code === 0x20) return "\x00";
  if (code === 0x3f) return "\x7f";
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code - 0x40) : text;
}

/** What a terminal answers to a program's questions, as opposed to what people type. */
export function isReport(text: string): boolean {
  return text.startsWith("\x1b") && /^(\[[?>=]?[\d;]*(\$y|[cnRtu])|\]\d+;|P)/.test(text.slice(1));
}
