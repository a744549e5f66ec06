export interface CrashPolicy {
  /** Waited before the first, second, … restart in a row; the last one counts for all that follow. */
  readonly backoffMs: readonly number[];
  /** At the most, when it had been ready: what is killed from outside comes back soon each time. */
  readonly maxBackoffOfReadyMs: number;
  /** Ready for so long, it is well again: the next crash is the first in a row. */
  readonly steadyMs: number;
  /** So many crashes in a row are trouble, and so many failed starts in a row beyond hope. */
  readonly maxCrashes: number;
  /** The same until it has been ready once: what is wrong then is rarely cured by trying again. */
  readonly maxCrashesBeforeReady: number;
}

export const defaultCrashPolicy: CrashPolicy = {
  backoffMs: [100, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000],
  maxBackoffOfReadyMs: 5000,
  steadyMs: 10_000,
  maxCrashes: 5,
  maxCrashesBeforeReady: 2,
};

/** What a change broke, the next one mends: nothing is given up that has run once. */
export const developmentCrashPolicy: Partial<CrashPolicy> = { maxCrashes: Number.POSITIVE_INFINITY };

/** What a crash means. */
export interface Crash {
  readonly inARow: number;
  readonly failedStartsInARow: number;
  /** It crashes again and again. */
  readonly isTrouble: boolean;
  /** It does not become ready any more. */
  readonly isHopeless: boolean;
  /** Waited before it is started again. */
  readonly delayMs: number;
}

/** Counts the crashes of one service. */
export class Crashes {
  readonly #policy: CrashPolicy;
  #wasReady = false;
  #inARow = 0;
  #failedStartsInARow = 0;

  constructor(policy: CrashPolicy) {
    this.#policy = policy;
  }

  get wasReady(): boolean {
    return this.#wasReady;
  }

  becameReady(): void {
    this.#wasReady = true;
    this.#failedStartsInARow = 0;
  }

  becameSteady(): void {
    this.#inARow = 0;
  }

  add({ failedStart }: { readonly failedStart: boolean }): Crash {
    const { backoffMs, maxBackoffOfReadyMs, maxCrashes, maxCrashesBeforeReady } = this.#policy;
    const limit = this.#wasReady ? maxCrashes : maxCrashesBeforeReady;
    this.#inARow += 1;
    if (failedStart) this.#failedStartsInARow += 1;
    const delayMs = backoffMs[Math.min(this.#inARow, backoffMs.length) - 1] ?? 1000;
    return {
      inARow: this.#inARow,
      failedStartsInARow: this.#failedStartsInARow,
      isTrouble: this.#inARow >= limit,
      isHopeless: this.#failedStartsInARow >= limit,
      delayMs: failedStart ? delayMs : Math.min(delayMs, maxBackoffOfReadyMs),
    };
  }
}
