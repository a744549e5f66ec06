import * as z from "zod";

/** What a person has to say of some lines (counted from 1, the last one included). */
export const ReviewComment = z.object({
  id: z.string(),
  path: z.string(),
  lines: z.tuple([z.number().int().positive(), z.number().int().positive()]),
  /** The lines as they were when it was written. */
  code: z.string(),
  text: z.string(),
});
export type ReviewComment = z.infer<typeof ReviewComment>;

/** Of a quotation; Claude reads the file itself where it needs more. */
const maxQuotedLines = 12;
const maxAttachments = 50;

export function placeOf({ path, lines: [from, to] }: Pick<ReviewComment, "path" | "lines">): string {
  return from === to ? `${path}:${from}` : `${path}:${from}-${to}`;
}

/** A fence that no line of the code can close. */
function fenceFor(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  return "`".repeat(longest + 1);
}

function quoted(code: string): string {
  const lines = code.replace(/\r?\n$/, "").split(/\r?\n/);
  const shown = lines.slice(0, maxQuotedLines);
  const fence = fenceFor(code);
  const rest = lines.length > shown.length ? [`… (${lines.length - shown.length} more lines)`] : [];
  return [fence, ...shown, ...rest, fence].join("\n");
}

/** All comments as one message: by file and line, each with the code it is about. */
export function commentsMessage(comments: readonly ReviewComment[]): string {
  const sorted = sortedComments(comments);
  const opening =
    sorted.length === 1
      ? "I have looked at your changes and have a comment:"
      : `I have looked at your changes and have ${sorted.length} comments:`;
  const parts = sorted.map(
    (comment) => `${placeOf(comment)}\n${quoted(comment.code)}\n${comment.text.trim()}`,
  );
  return [opening, ...parts].join("\n\n");
}

export function sortedComments(comments: readonly ReviewComment[]): ReviewComment[] {
  return [...comments].sort((a, b) =>
    a.path === b.path ? a.lines[0] - b.lines[0] : a.path < b.path ? -1 : 1,
  );
}

/** The lines that the message is about, as attachments of it; each once. */
export function commentAttachments(
  comments: readonly ReviewComment[],
): { path: string; lines: [number, number] }[] {
  const places = new Map(
    sortedComments(comments).map(({ path, lines }) => [placeOf({ path, lines }), { path, lines }]),
  );
  return [...places.values()].slice(0, maxAttachments);
}

/** The line (from 1) below which a comment stands in a text that may have moved on since it was written. */
export function anchorOf(comment: ReviewComment, lines: readonly string[]): number {
  const code = comment.code.split("\n");
  const isAt = (from: number) => code.every((line, index) => lines[from - 1 + index] === line);
  const [from, to] = comment.lines;
  if (isAt(from)) return to;
  const found = lines.findIndex((_, index) => isAt(index + 1));
  return found === -1 ? Math.min(to, lines.length) : found + code.length;
}
