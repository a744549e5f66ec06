import type { Entry } from "../model/entry.ts";

/** One piece of a session's story: an entry, or several where the same was done again and again. */
export interface Piece {
  readonly key: string;
  readonly at: string;
  readonly entries: readonly Entry[];
}

/** Each of them is a step of its own, and what one looks for. */
const alone = /^(claude\.(prompted|tool-used|permission-|bypass)|command\.|session\.)/;

const isSame = (one: Entry, other: Entry) =>
  !alone.test(one.action) &&
  one.action === other.action &&
  one.result === other.result &&
  one.actorKind === other.actorKind &&
  one.person?.id === other.person?.id;

/** Entries, oldest first, with runs of the same as one piece. */
export function piecesOf(entries: readonly Entry[]): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const entry of entries) {
    const last = pieces.at(-1);
    const before = last?.entries[0];
    if (last !== undefined && before !== undefined && isSame(before, entry)) {
      pieces[pieces.length - 1] = { ...last, entries: [...last.entries, entry] };
    } else pieces.push({ key: entry.id, at: entry.at, entries: [entry] });
  }
  return pieces;
}

/** Somewhere to jump to. */
export interface Landmark {
  readonly key: string;
  readonly at: string;
  readonly title: string;
  readonly kind: "prompt" | "event";
}

/** Prompts, and the turns in a session's life. */
export function landmarksOf(
  pieces: readonly Piece[],
  words: (action: string) => string,
): readonly Landmark[] {
  return pieces.flatMap(({ key, at, entries }): Landmark[] => {
    const { action = "", details } = entries[0] ?? {};
    if (action === "claude.prompted" && typeof details?.text === "string") {
      return [{ key, at, title: details.text.slice(0, 120), kind: "prompt" }];
    }
    return action.startsWith("session.") || action === "terminal.opened"
      ? [{ key, at, title: words(action), kind: "event" }]
      : [];
  });
}
