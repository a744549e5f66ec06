import type { Cast } from "./cast.ts";

/** A place in a recording where the text stands. */
export interface Hit {
  readonly at: number;
  /** The line around it. */
  readonly line: string;
}

/** The text that a recording shows, without what steers the screen, and when each part of it came. */
export interface CastText {
  readonly text: string;
  /** Where the text of each event begins, and its time. */
  readonly parts: readonly { readonly start: number; readonly at: number }[];
}

// Sequences of a terminal: CSI, OSC and the like up to their end, and single characters.
const sequences =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are made of them
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-~]|[\u0000-\u0008\u000b-\u001a\u007f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: one that goes on in the next event
const unfinished = /\u001b(?:\[[0-?]{0,256}[ -/]{0,16}|[\]PX^_][^\u0007\u001b]{0,4096})?$/;

export function textOf({ events }: Cast): CastText {
  const parts: { start: number; at: number }[] = [];
  const pieces: string[] = [];
  let length = 0;
  let carried = "";
  for (const { at, kind, text } of events) {
    if (kind !== "o" && kind !== "i") continue;
    const whole = kind === "o" ? carried + text : text;
    const cut = kind === "o" ? whole.search(unfinished) : -1;
    if (kind === "o") carried = cut === -1 ? "" : whole.slice(cut);
    const plain = (cut === -1 ? whole : whole.slice(0, cut)).replace(sequences, "");
    if (plain === "") continue;
    parts.push({ start: length, at });
    pieces.push(plain);
    length += plain.length;
  }
  return { text: pieces.join(""), parts };
}

function timeAt({ parts }: CastText, position: number): number {
  let [low, high] = [0, parts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((parts[middle]?.start ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return parts[low]?.at ?? 0;
}

const maxLine = 120;

function lineAround(text: string, from: number, to: number): string {
  const start = Math.max(text.lastIndexOf("\n", from - 1) + 1, from - maxLine / 2);
  const newline = text.indexOf("\n", to);
  return text.slice(start, Math.min(newline === -1 ? text.length : newline, start + maxLine)).trim();
}

/** Where the words stand, whatever their case, in order; one hit for each line. */
export function find(cast: CastText, wanted: string, limit: number): Hit[] {
  const hits: Hit[] = [];
  const words = wanted.toLowerCase();
  if (words === "") return hits;
  const text = cast.text.toLowerCase();
  // Some letters change their length with their case: then places would not fit any more.
  const source = text.length === cast.text.length ? text : cast.text;
  let position = source.indexOf(words);
  while (position !== -1 && hits.length < limit) {
    hits.push({ at: timeAt(cast, position), line: lineAround(cast.text, position, position + words.length) });
    const newline = source.indexOf("\n", position);
    if (newline === -1) break;
    position = source.indexOf(words, newline);
  }
  return hits;
}
