import type { JournalEntry } from "@remote-claude/protocol";

/**
 * The part of a conversation's journal that the page holds: a run without gaps, and what came too early for it.
 * `known`: the server has said where the journal stands; until then everything is early.
 */
export interface EntryLog {
  readonly known: boolean;
  readonly entries: readonly JournalEntry[];
  readonly early: ReadonlyMap<number, JournalEntry>;
}

export const emptyLog: EntryLog = { known: false, entries: [], early: new Map() };

/** The last seq the page has; 0 before the first. */
export function lastSeq(log: EntryLog): number {
  return log.entries.at(-1)?.seq ?? 0;
}

/** Entries are missing between what the page has and what it has heard of. */
export function hasGap(log: EntryLog): boolean {
  return log.known && log.early.size > 0;
}

/** Takes entries in any order, each as often as it comes. */
export function addEntries(log: EntryLog, added: readonly JournalEntry[]): EntryLog {
  if (added.length === 0 && log.early.size === 0) return log;
  const early = new Map(log.early);
  const last = lastSeq(log);
  for (const entry of added) if (entry.seq > last || !log.known) early.set(entry.seq, entry);
  return log.known ? drain(log.entries, early) : { ...log, early };
}

/** Takes the server's answer: its entries follow `after`, or (null) are the last there are. */
export function addSnapshot(log: EntryLog, after: number | null, entries: readonly JournalEntry[]): EntryLog {
  const early = new Map(log.early);
  if (after !== null || log.entries.length > 0) {
    return addEntries({ ...log, known: true, early }, entries);
  }
  return drain(entries, early);
}

/** Puts older entries in front; those that do not lead up to what is there are left out. */
export function addOlder(log: EntryLog, older: readonly JournalEntry[]): EntryLog {
  const first = log.entries[0]?.seq;
  if (first === undefined) return log;
  const before = older.filter(({ seq }) => seq < first);
  if (before.at(-1)?.seq !== first - 1) return log;
  return { ...log, entries: [...before, ...log.entries] };
}

/** Forgets all but the last entries; they can be asked for again. */
export function keepLast(log: EntryLog, count: number): EntryLog {
  return log.entries.length <= count ? log : { ...log, entries: log.entries.slice(-count) };
}

function drain(entries: readonly JournalEntry[], early: Map<number, JournalEntry>): EntryLog {
  const run = [...entries];
  let next = (run.at(-1)?.seq ?? 0) + 1;
  for (const seq of early.keys()) if (seq < next) early.delete(seq);
  for (let entry = early.get(next); entry !== undefined; entry = early.get(next)) {
    run.push(entry);
    early.delete(next);
    next += 1;
  }
  return { known: true, entries: run, early };
}
