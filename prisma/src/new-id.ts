import { randomBytes } from "node:crypto";

/** A clock set back by more than this is believed; ids of its time sort behind earlier ones for a while. */
const doubtMs = 10_000;

let last = { at: 0, count: 0 };

/** The next moment and count, never in the order of another before it (RFC 9562, 6.2: a counter in `rand_a`). */
function next(random: number): { at: number; count: number } {
  const now = Date.now();
  if (now > last.at || last.at - now > doubtMs) return { at: now, count: random & 0x7ff };
  return last.count < 0xfff ? { at: last.at, count: last.count + 1 } : { at: last.at + 1, count: 0 };
}

/**
 * A UUID of version 7, for rows that raw SQL inserts (the client makes its own) and ids needed beforehand. Those of
 * one process sort in the order in which they were made, within a millisecond too; `at` names another time.
 */
export function newId(at?: number): string {
  const bytes = randomBytes(16);
  const random = bytes.readUInt16BE(6);
  const moment = at === undefined ? next(random) : { at, count: random & 0xfff };
  if (at === undefined) last = moment;
  bytes.writeUIntBE(moment.at, 0, 6);
  bytes.writeUInt16BE(0x7000 | moment.count, 6);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
