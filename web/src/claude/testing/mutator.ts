import type { JournalEntry } from "@remote-claude/protocol";

const strange: readonly unknown[] = [
  null,
  0,
  -1,
  1e308,
  true,
  "",
  "\u0000\u202e\ud800",
  "x".repeat(3000),
  [],
  [null],
  [[]],
  {},
  { type: "text" },
  { constructor: 1 },
  "constructor",
  "__proto__",
];

/** Breaks recorded messages as another version, or a hostile session, might: the same for the same seed. */
export class Mutator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ n < 1 (mulberry32). */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  #below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  /** A run of entries from somewhere in the middle, as a page has it that has not loaded the rest. */
  some<T>(entries: readonly T[]): T[] {
    const from = this.#below(entries.length);
    return entries.slice(from, from + 40);
  }

  /** The entry with a field or two of its message dropped, or turned into something else. */
  mutateMessage(entry: JournalEntry): JournalEntry {
    if (entry.event.kind !== "sdk") return entry;
    const message = structuredClone(entry.event.message) as Record<string, unknown>;
    for (let count = this.#below(4); count > 0; count -= 1) this.#break(message);
    if (typeof message.type !== "string") message.type = entry.event.message.type;
    return { ...entry, event: { ...entry.event, message: message as { type: string } } };
  }

  #break(message: Record<string, unknown>): void {
    const places: [owner: Record<string, unknown>, name: string][] = [];
    const visit = (value: unknown) => {
      if (typeof value !== "object" || value === null) return;
      for (const [name, inner] of Object.entries(value)) {
        places.push([value as Record<string, unknown>, name]);
        visit(inner);
      }
    };
    visit(message);
    const [owner, name] = places[this.#below(places.length)] ?? [message, "type"];
    if (this.#below(3) === 0) delete owner[name];
    else owner[name] = strange[this.#below(strange.length)];
  }
}
