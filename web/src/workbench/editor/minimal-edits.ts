import { diffArrays } from "diff";

/** Replace what lies between two offsets (UTF-16) of the old text. Edits do not overlap and come in order. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** Beyond this many differing lines a diff costs more than it is worth: the whole middle is replaced. */
const maxEditLength = 2000;

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** One edit from the first to the last character that differs; null when nothing does. */
function trimmed(before: string, after: string, offset: number): TextEdit | null {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before.charCodeAt(head) === after.charCodeAt(head)) head += 1;
  let tail = 0;
  while (
    tail < shorter - head &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail += 1;
  if (head === before.length && head === after.length) return null;
  return {
    start: offset + head,
    end: offset + before.length - tail,
    text: after.slice(head, after.length - tail),
  };
}

/**
 * The edits that turn one text into another and touch as little as they can, so that cursors, folds and the
 * scroll position stay where they are.
 */
export function minimalEdits(before: string, after: string): TextEdit[] {
  if (before === after) return [];
  const [old, now] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail += 1;
  const start = old.slice(0, head).join("").length;
  const oldMiddle = old.slice(head, old.length - tail);
  const newMiddle = now.slice(head, now.length - tail);
  const parts = diffArrays(oldMiddle, newMiddle, { maxEditLength });
  if (parts === undefined) {
    const edit = trimmed(oldMiddle.join(""), newMiddle.join(""), start);
    return edit === null ? [] : [edit];
  }
  return editsOf(parts, start);
}

function editsOf(
  parts: readonly { added?: boolean; removed?: boolean; value: string[] }[],
  start: number,
): TextEdit[] {
  const edits: TextEdit[] = [];
  let offset = start;
  let [removed, added] = ["", ""];
  const flush = () => {
    const edit = trimmed(removed, added, offset);
    if (edit !== null) edits.push(edit);
    offset += removed.length;
    [removed, added] = ["", ""];
  };
  for (const part of parts) {
    const text = part.value.join("");
    if (part.added) added += text;
    else if (part.removed) removed += text;
    else {
      flush();
      offset += text.length;
    }
  }
  flush();
  return edits;
}
