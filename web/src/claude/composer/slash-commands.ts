import type { Reply } from "@remote-claude/protocol";

export type SlashCommand = Reply<"chat.commands">["commands"][number];

const maxShown = 50;

/** What is typed of a command's name at the cursor, or null. Only a message that begins with it is a command. */
export function findSlash(text: string, cursor: number): string | null {
  return /^\/(\S*)$/.exec(text.slice(0, cursor))?.[1] ?? null;
}

/** The commands that fit, best first: by how the name begins, by a part of it (`plugin:name`), by what it does. */
export function matchCommands(commands: readonly SlashCommand[], query: string): readonly SlashCommand[] {
  const wanted = query.toLowerCase();
  const rank = ({ name, description }: SlashCommand): number => {
    const lower = name.toLowerCase();
    if (lower === wanted) return 0;
    if (lower.startsWith(wanted)) return 1;
    if (lower.split(/[:_-]/).some((part) => part.startsWith(wanted))) return 2;
    if (lower.includes(wanted)) return 3;
    return wanted.length > 2 && description.toLowerCase().includes(wanted) ? 4 : 5;
  };
  return commands
    .map((command) => ({ command, rank: rank(command) }))
    .filter((ranked) => ranked.rank < 5)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, maxShown)
    .map(({ command }) => command);
}

/** The message with the command in the place of what was typed of it, and where the cursor goes. */
export function completeSlash(text: string, cursor: number, name: string): { text: string; cursor: number } {
  const inserted = `/${name} `;
  return { text: inserted + text.slice(cursor).replace(/^\S*\s?/, ""), cursor: inserted.length };
}
