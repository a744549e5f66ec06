import type { WorkbenchCommand } from "./commands.ts";

/** The commands that have every word of the search somewhere in their title, by title; the `>` does not count. */
export function matchingCommands(commands: Iterable<WorkbenchCommand>, text: string): WorkbenchCommand[] {
  const words = text.replace(/^>/, "").toLowerCase().split(/\s+/).filter(Boolean);
  return [...commands]
    .filter(({ id }) => id !== "palette.open")
    .filter(({ id, title }) => words.every((word) => `${title} ${id}`.toLowerCase().includes(word)))
    .sort((a, b) => a.title.localeCompare(b.title));
}

/** What a person asked for: "src/app.ts:42" is line 42 of that file. */
export function fileQuery(text: string): { name: string; line: number | null } {
  const [, name = "", line] = /^(.*?)(?::(\d*))?$/.exec(text) ?? [];
  return { name, line: line ? Number(line) : null };
}

/** The result that a person moved to, and the results it was among. */
export interface Choice {
  among: readonly string[];
  value: string;
}

/**
 * The result that Enter opens: what the person moved to, but only among the very results they saw; else the first.
 * Spaces at the ends do not count, as the list's library cuts them off.
 */
export function highlighted(results: readonly string[], choice: Choice | null): string {
  const chosen =
    choice?.among === results ? results.find((result) => result.trim() === choice.value.trim()) : undefined;
  return (chosen ?? results[0] ?? "").trim();
}
