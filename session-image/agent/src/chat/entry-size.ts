import type { JournalEntry } from "@remote-claude/protocol";

/** Largest entry, as JSON in UTF-8; frames hold four times that. */
export const maxEntryBytes = 1024 * 1024;

/** The field that tells a reader that strings were cut: where, and how long each was. */
export const cutMarker = "remoteClaudeCut";

interface Cut {
  readonly path: string;
  /** UTF-16 code units before the cut. */
  readonly length: number;
}

/** An entry and its JSON, its longest strings cut until it fits, with a mark that says so. */
export function fitEntry(entry: JournalEntry): { entry: JournalEntry; line: string } {
  let line = JSON.stringify(entry);
  if (fits(line)) return { entry, line };
  for (let limit = 128 * 1024; limit >= 64; limit /= 4) {
    const cut = cutEntry(entry, limit);
    line = JSON.stringify(cut);
    if (fits(line)) return { entry: cut, line };
  }
  throw new RangeError("an entry is too large even with all its strings cut");
}

const fits = (line: string) => line.length <= maxEntryBytes && Buffer.byteLength(line) <= maxEntryBytes;

function cutEntry(entry: JournalEntry, limit: number): JournalEntry {
  const { event } = entry;
  const cuts: Cut[] = [];
  if (event.kind === "sdk") {
    const message = cutStrings(event.message, limit, "", cuts) as typeof event.message;
    return { ...entry, event: { ...event, message: { ...message, [cutMarker]: cuts } } };
  }
  if (event.kind === "permission-asked") {
    const input = cutStrings(event.input, limit, "", cuts) as typeof event.input;
    return { ...entry, event: { ...event, input: { ...input, [cutMarker]: cuts } } };
  }
  return { ...entry, event: cutStrings(event, limit, "", cuts) as typeof event };
}

/** Objects that hold nothing but numbers can be large, too: lists beyond this are cut like strings. */
const maxItems = 5000;

function cutStrings(value: unknown, limit: number, path: string, cuts: Cut[]): unknown {
  if (typeof value === "string") {
    if (value.length <= limit) return value;
    cuts.push({ path, length: value.length });
    return value.slice(0, limit).toWellFormed();
  }
  if (Array.isArray(value)) {
    if (value.length > maxItems) cuts.push({ path, length: value.length });
    return value.slice(0, maxItems).map((item, index) => cutStrings(item, limit, `${path}/${index}`, cuts));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, cutStrings(item, limit, `${path}/${key}`, cuts)]),
  );
}
