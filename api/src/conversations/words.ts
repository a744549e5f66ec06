import type { SnippetPart } from "@remote-claude/protocol";

/** What `words_of` in the database takes apart, too. */
const punctuation = /[./\\_\-:;,@#=+*&|<>()[\]{}"'`!?$%^~]+/g;

/** What somebody looks for: each term is words that follow each other; those of `without` must not be there. */
export interface Terms {
  readonly wanted: readonly string[];
  readonly without: readonly string[];
}

/** Reads what was typed: words, "words in a row", and -words that must not be there. */
export function termsOf(typed: string): Terms {
  const wanted: string[] = [];
  const without: string[] = [];
  for (const [, minus, quoted, plain] of typed.matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)) {
    const term = (quoted ?? plain ?? "").replace(punctuation, " ").trim().replace(/\s+/g, " ");
    if (term !== "") (minus === "-" ? without : wanted).push(term);
  }
  return { wanted, without };
}

/** For Postgres' `to_tsquery`: the beginning of a word is enough. Empty where nothing is looked for. */
export function queryOf({ wanted, without }: Terms): string {
  if (wanted.length === 0) return "";
  const quoted = (term: string) => `'${term}':*`;
  return [...wanted.map(quoted), ...without.map((term) => `!${quoted(term)}`)].join(" & ");
}

const before = 60;
const shown = 240;

/** The text around the first hit, on one line, with every hit in it marked. */
export function snippetOf(text: string, { wanted }: Terms): SnippetPart[] {
  const line = text.replace(/\s+/g, " ").trim();
  const words = [...new Set(wanted.flatMap((term) => term.split(" ")))].sort((a, b) => b.length - a.length);
  const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&")).join("|");
  const hit = new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})[\\p{L}\\p{N}]*`, "giu");
  const first = line.search(hit);
  const from = first <= before ? 0 : line.indexOf(" ", first - before) + 1;
  const start = from > first ? Math.max(0, first) : from;
  const cut = line.slice(start, start + shown).toWellFormed();
  const parts: SnippetPart[] = [];
  let end = 0;
  for (const match of cut.matchAll(hit)) {
    if (match.index > end) parts.push({ text: cut.slice(end, match.index), match: false });
    parts.push({ text: match[0], match: true });
    end = match.index + match[0].length;
  }
  parts.push({ text: cut.slice(end) + (start + shown < line.length ? "…" : ""), match: false });
  if (start > 0) parts.unshift({ text: "…", match: false });
  return parts.filter((part) => part.text !== "");
}
