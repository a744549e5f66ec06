/** The `@path` that is being typed at the cursor: where it begins, and what is there of it. */
export interface Mention {
  readonly start: number;
  readonly query: string;
}

/** The mention at the cursor, or null. An `@` in the middle of a word (a mail address) is none. */
export function findMention(text: string, cursor: number): Mention | null {
  const match = /(?:^|\s)@([^\s@]*)$/.exec(text.slice(0, cursor));
  if (match === null) return null;
  const query = match[1] ?? "";
  return { start: cursor - query.length - 1, query };
}

/** The text with `written` in the mention's place, and where the cursor goes. */
export function completeMention(
  text: string,
  cursor: number,
  mention: Mention,
  written: string,
): { text: string; cursor: number } {
  const inserted = `${written} `;
  const rest = text.slice(cursor).replace(/^ /, "");
  return { text: text.slice(0, mention.start) + inserted + rest, cursor: mention.start + inserted.length };
}

/** Of the paths that were chosen, those that still stand in the text. */
export function mentionedPaths(text: string, chosen: readonly string[]): string[] {
  return [...new Set(chosen)].filter((path) => {
    const at = text.indexOf(`@${path}`);
    const after = text[at + path.length + 1];
    return at !== -1 && (after === undefined || /[\s.,;:!?)]/.test(after));
  });
}
