import type { WorkbenchCommand } from "./commands.ts";

export interface Shortcut {
  readonly title: string;
  /** As `keysLabel` takes them; several that do the same. */
  readonly keys: readonly string[];
}

export interface ShortcutGroup {
  readonly name: string;
  readonly shortcuts: readonly Shortcut[];
}

/** Keys of the parts themselves: they work where the keyboard focus is. */
const ofParts: readonly ShortcutGroup[] = [
  {
    name: "In the message box",
    shortcuts: [
      { title: "Send", keys: ["Enter"] },
      { title: "New line", keys: ["Shift+Enter"] },
      { title: "Mention a file or a symbol", keys: ["@"] },
      { title: "Commands of Claude Code", keys: ["/"] },
      { title: "What was sent before, and back", keys: ["↑", "↓"] },
      { title: "Stop Claude", keys: ["Escape"] },
    ],
  },
  {
    name: "In the conversation",
    shortcuts: [
      { title: "Allow what Claude asks for", keys: ["Y", "1"] },
      { title: "Allow it for this session", keys: ["S", "2"] },
      { title: "Always allow it, by a rule", keys: ["A"] },
      { title: "Change it first", keys: ["E"] },
      { title: "Deny it", keys: ["N", "3"] },
      { title: "The same while you write", keys: ["Alt+Y", "Alt+S", "Alt+N"] },
    ],
  },
  {
    name: "In the explorer and the changes",
    shortcuts: [
      { title: "Go through the lines", keys: ["↑", "↓"] },
      { title: "Open and close a folder", keys: ["→", "←"] },
      { title: "Open", keys: ["Enter"] },
      { title: "Look at it and stay here", keys: ["Space"] },
      { title: "Rename a file", keys: ["F2"] },
      { title: "Delete a file", keys: ["Delete"] },
    ],
  },
];

const groupNames: Record<string, string> = {
  claude: "Claude",
  changes: "Changes",
  editor: "Files",
  terminal: "Terminal",
};

/** "Claude: Stop" under "Claude" is "Stop". */
function titleIn(group: string, title: string): string {
  const [prefix, rest] = title.split(/: (.*)/s);
  return rest !== undefined &&
    prefix !== undefined &&
    (prefix === group || prefix === "File" || prefix === "View")
    ? rest
    : title;
}

/** Everything that has a key: what is registered now, and the keys of the parts. */
export function shortcutGroups(commands: Iterable<WorkbenchCommand>): ShortcutGroup[] {
  const groups = new Map<string, Shortcut[]>([["Everywhere", []]]);
  for (const { id, title, keys } of commands) {
    if (keys === undefined) continue;
    const name = groupNames[id.slice(0, id.indexOf("."))] ?? "Everywhere";
    const group = groups.get(name) ?? [];
    group.push({ title: titleIn(name, title), keys: [keys] });
    groups.set(name, group);
  }
  return [
    ...[...groups].map(([name, shortcuts]) => ({
      name,
      shortcuts: shortcuts.sort((a, b) => a.title.localeCompare(b.title)),
    })),
    ...ofParts,
  ].filter(({ shortcuts }) => shortcuts.length > 0);
}
