import type { TimelineItem } from "../../claude/model/items.ts";
import type { Entry } from "../model/entry.ts";
import type { Told } from "./told.ts";

/** One piece of a session's story. */
export type Piece =
  | {
      readonly kind: "said";
      readonly key: string;
      readonly at: string;
      readonly conversationId: string;
      readonly item: TimelineItem;
    }
  /** Entries of the record; several where the same was done again and again. */
  | { readonly kind: "done"; readonly key: string; readonly at: string; readonly entries: readonly Entry[] };

/** What the conversation itself tells, and better: with the words, the diff, the output, and who answered. */
const toldThere = new Set([
  "claude.prompted",
  "claude.tool-used",
  "claude.permission-asked",
  "claude.permission-answered",
  "claude.turn-ended",
]);

const isSame = (one: Entry, other: Entry) =>
  one.action === other.action &&
  one.result === other.result &&
  one.actorKind === other.actorKind &&
  one.person?.id === other.person?.id;

/**
 * Puts conversations and entries of the record into one order of time, oldest first. Entries that a conversation
 * here tells are left out; a run of the same is one piece.
 */
export function piecesOf(
  conversations: ReadonlyMap<string, Told>,
  entries: readonly Entry[],
): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const [conversationId, { items }] of conversations) {
    for (const { at, item } of items) {
      pieces.push({ kind: "said", key: `${conversationId} ${item.key}`, at, conversationId, item });
    }
  }
  for (const entry of entries) {
    const where = entry.details.conversationId;
    if (toldThere.has(entry.action) && typeof where === "string" && conversations.has(where)) continue;
    pieces.push({ kind: "done", key: entry.id, at: entry.at, entries: [entry] });
  }
  // Stable: what came in the same moment stays as it came, what was said before what was done.
  return fold(pieces.sort((one, other) => Date.parse(one.at) - Date.parse(other.at)));
}

function fold(pieces: readonly Piece[]): readonly Piece[] {
  const folded: Piece[] = [];
  for (const piece of pieces) {
    const last = folded.at(-1);
    const [first] = piece.kind === "done" ? piece.entries : [];
    const before = last?.kind === "done" ? last.entries[0] : undefined;
    if (last?.kind === "done" && first !== undefined && before !== undefined && isSame(before, first)) {
      folded[folded.length - 1] = { ...last, entries: [...last.entries, first] };
    } else folded.push(piece);
  }
  return folded;
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
  return pieces.flatMap((piece): Landmark[] => {
    const { key, at } = piece;
    if (piece.kind === "said") {
      const { item } = piece;
      return item.kind === "prompt" ? [{ key, at, title: item.text.slice(0, 120), kind: "prompt" }] : [];
    }
    const action = piece.entries[0]?.action ?? "";
    return action.startsWith("session.") || action.startsWith("terminal.opened")
      ? [{ key, at, title: words(action), kind: "event" }]
      : [];
  });
}
