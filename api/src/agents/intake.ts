export interface IntakeLimits {
  readonly perSecond: { readonly frames: number; readonly bytes: number };
  /** Seconds' worth that may come at once after a pause. */
  readonly burstSeconds: number;
}

/**
 * Far above one flooding terminal: 50 MB a second in frames of up to 64 KiB, at most one each 2 ms when they are
 * small. Many terminals that flood at once with small frames may be slowed; nothing of them is lost.
 */
export const intakeLimits: IntakeLimits = {
  perSecond: { frames: 5000, bytes: 256 * 1024 * 1024 },
  burstSeconds: 2,
};

/**
 * How much of the api one agent may have. What comes faster is not dropped but waits in the agent's own socket: a
 * session that floods us with cheap frames slows itself down and nobody else.
 */
export class Intake {
  readonly #limits: IntakeLimits;
  readonly #now: () => number;
  /** In seconds of what is allowed: what is left. Negative: more came than may, by one read of the socket. */
  #frames: number;
  #bytes: number;
  #at: number;

  constructor(limits: IntakeLimits = intakeLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#frames = limits.burstSeconds;
    this.#bytes = limits.burstSeconds;
    this.#at = now();
  }

  /** Counts a frame; the milliseconds for which nothing more should be read, 0 as a rule. */
  take(bytes: number): number {
    const { perSecond, burstSeconds } = this.#limits;
    const now = this.#now();
    const passed = (now - this.#at) / 1000;
    this.#at = now;
    this.#frames = Math.min(burstSeconds, this.#frames + passed) - 1 / perSecond.frames;
    this.#bytes = Math.min(burstSeconds, this.#bytes + passed) - bytes / perSecond.bytes;
    return Math.max(0, -1000 * Math.min(this.#frames, this.#bytes));
  }
}
