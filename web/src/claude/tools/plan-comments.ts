/** What a person said of a piece of a plan. */
export interface PlanComment {
  readonly quote: string;
  readonly text: string;
}

const maxQuote = 400;

/** All of it as one message to Claude: each piece quoted, with what was said of it. */
export function planMessage(comments: readonly PlanComment[], note: string): string {
  const parts = comments.map(({ quote, text }) => {
    const short = quote.trim().length > maxQuote ? `${quote.trim().slice(0, maxQuote)}…` : quote.trim();
    return `${short
      .split("\n")
      .map((line) => `> ${line}`)
      .join("\n")}\n\n${text.trim()}`;
  });
  return [...parts, note.trim()].filter((part) => part !== "").join("\n\n");
}

/** A plan that is approved with something said of it: Claude gets both, since an approval itself has no words. */
export const planWith = (plan: string, said: string): string =>
  said === "" ? plan : `${plan.trimEnd()}\n\n## Comments\n\n${said}\n`;
