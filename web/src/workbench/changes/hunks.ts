import { diffArrays } from "diff";

/** Lines of one side, counted from 0. */
export interface LineRange {
  readonly start: number;
  readonly count: number;
}

/** Lines that were replaced by others; one of the two ranges may be empty. */
export interface Hunk {
  readonly original: LineRange;
  readonly current: LineRange;
  /** Names the change by what it does, so that an accepted one is known again wherever it has moved to. */
  readonly key: string;
}

/** Beyond this many differing lines the whole is one hunk. */
const maxEditLength = 5_000;

/** Lines with their ends: what differs in these differs in bytes. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** What was changed, from the first line to the last. */
export function hunksOf(original: string, current: string): Hunk[] {
  if (original === current) return [];
  const [old, now] = [linesOf(original), linesOf(current)];
  const parts = diffArrays(old, now, { maxEditLength });
  if (parts === undefined) return keyed([whole(old, now)], old, now);
  const ranges: Omit<Hunk, "key">[] = [];
  let [oldAt, nowAt] = [0, 0];
  let open: { original: number; current: number } | null = null;
  const close = () => {
    if (open === null) return;
    ranges.push({
      original: { start: open.original, count: oldAt - open.original },
      current: { start: open.current, count: nowAt - open.current },
    });
    open = null;
  };
  for (const { added, removed, value } of parts) {
    if (!added && !removed) close();
    else open ??= { original: oldAt, current: nowAt };
    if (!added) oldAt += value.length;
    if (!removed) nowAt += value.length;
  }
  close();
  return keyed(ranges, old, now);
}

function whole(old: readonly string[], now: readonly string[]): Omit<Hunk, "key"> {
  return { original: { start: 0, count: old.length }, current: { start: 0, count: now.length } };
}

function keyed(ranges: readonly Omit<Hunk, "key">[], old: readonly string[], now: readonly string[]): Hunk[] {
  const seen = new Map<string, number>();
  return ranges.map((range) => {
    const part = (lines: readonly string[], { start, count }: LineRange) =>
      lines.slice(start, start + count).join("");
    const name = hash(`${part(old, range.original)}\0${part(now, range.current)}`);
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return { ...range, key: before === 0 ? name : `${name}-${before}` };
  });
}

/** 53 bits (cyrb53): it tells changes of one file apart, and protects nothing. */
function hash(text: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}

/** Whether nothing but the line ends differs: an editor would show two texts that look the same. */
export function differsInLineEndsOnly(original: string, current: string): boolean {
  return original !== current && original.replaceAll("\r\n", "\n") === current.replaceAll("\r\n", "\n");
}
