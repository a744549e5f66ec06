/** Random values that are the same for the same seed: what a run found, the next one finds again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ n < 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** A string of the kind that breaks things. */
  text(): string {
    const length = this.pick([0, 1, 5, 40, 300, 5000]);
    const alphabets = [
      "abc/.-_ ",
      "\0\n\r\t\x1b",
      "..//\\%2e",
      "äöü€𝄞\u202e",
      "\ud800\udfff",
      "{}[]\"'$`;|&<>",
    ];
    const alphabet = [...this.pick(alphabets)];
    return Array.from({ length }, () => this.pick(alphabet)).join("");
  }

  /** Any JSON value; its fields are named as ours are, so that some get past the first check. */
  json(names: readonly string[], depth = 0): unknown {
    const scalars = [
      () => this.text(),
      () => this.pick([0, -1, 1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308]),
      () => this.pick([true, false, null]),
      () => this.pick(["true", "1", "[object Object]", "__proto__", "constructor", "default", "acceptEdits"]),
    ];
    const kind = this.below(depth > 3 ? 4 : 6);
    if (kind < 4) return scalars[kind]?.();
    if (kind === 4) return Array.from({ length: this.below(6) }, () => this.json(names, depth + 1));
    const entries = Array.from({ length: this.below(6) }, () => [
      this.pick(names),
      this.json(names, depth + 1),
    ]);
    return Object.fromEntries(entries);
  }
}
