import { setTimeout as delay } from "node:timers/promises";

export interface PaceOptions {
  /** How many may come at once. */
  readonly burst: number;
  /** How many a second after that. */
  readonly perSecond: number;
  readonly now?: () => number;
}

/**
 * Whose turn it is: at once for those of a burst, and then at an even pace. All sessions share one egress, and what one
 * of them asks in a loop must not become the others' waiting.
 */
export class Pace {
  readonly #spacingMs: number;
  readonly #toleranceMs: number;
  readonly #now: () => number;
  /** When the next one would come if all had kept the pace. */
  #dueAt = 0;

  constructor({ burst, perSecond, now = () => performance.now() }: PaceOptions) {
    this.#spacingMs = 1000 / perSecond;
    this.#toleranceMs = this.#spacingMs * (burst - 1);
    this.#now = now;
  }

  /** How long the caller has to wait; they count from now on. */
  take(): number {
    const now = this.#now();
    const dueAt = Math.max(this.#dueAt, now);
    this.#dueAt = dueAt + this.#spacingMs;
    return Math.max(0, dueAt - this.#toleranceMs - now);
  }

  /** Resolves when it is the caller's turn; in the order of the calls. */
  async turn(): Promise<void> {
    const waitMs = this.take();
    if (waitMs > 0) await delay(waitMs);
  }
}
