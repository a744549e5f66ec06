const sources = ["empty", "git", "archive"] as const;

/** Where a new session's files come from. */
export type NewSessionSource = (typeof sources)[number];

/** As the page's address names it (`/?new=git`); null for anything else. */
export function readSource(value: unknown): NewSessionSource | null {
  return sources.find((source) => source === value) ?? null;
}
