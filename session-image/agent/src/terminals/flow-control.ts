/** The fastest attached reader may be so far behind before the programs have to wait for it. */
const maxBehindBytes = 1024 * 1024;
const resumeBehindBytes = 768 * 1024;
/** So much is kept for readers that are away, below what the ring holds. */
const maxUnreadBytes = 3 * 1024 * 1024;
const maxWaitForReadersMs = 60_000;

/** Waits for somebody who is away, for a while. */
class Patience {
  readonly #onEnd: () => void;
  #timer: NodeJS.Timeout | null = null;
  #inVain = false;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  waits(unread: number): boolean {
    if (unread <= maxUnreadBytes || this.#inVain) return false;
    this.#timer ??= setTimeout(() => {
      this.#inVain = true;
      this.#onEnd();
    }, maxWaitForReadersMs).unref();
    return true;
  }

  reset(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#inVain = false;
  }
}

/**
 * Decides when a terminal's programs have to wait. Slower readers never make them; with nobody attached they
 * wait for up to a minute, so that an outage of that length loses nothing. The recording is waited for likewise, but
 * only then: while somebody watches, it keeps pace or has a gap.
 */
export class FlowControl {
  readonly #process: { hold(): void; release(): void };
  /** Up to here somebody has read. */
  #consumed = 0;
  #holding = false;
  #snapshots = 0;
  readonly #forReaders = new Patience(() => this.#again());
  readonly #forRecording = new Patience(() => this.#again());
  #again = () => {};

  constructor(process: { hold(): void; release(): void }) {
    this.#process = process;
  }

  /**
   * Called when output came, a reader acknowledged, came or went, or the recording went on: up to `recorded`; null
   * without one.
   */
  update(
    end: number,
    readers: Iterable<{ readonly acknowledged: number }>,
    recorded: number | null = null,
  ): void {
    this.#again = () => this.update(end, readers, recorded);
    let attached = false;
    for (const { acknowledged } of readers) {
      attached = true;
      this.#consumed = Math.max(this.#consumed, acknowledged);
    }
    const behind = end - this.#consumed;
    if (attached) this.#forReaders.reset();
    const unrecorded = recorded === null ? 0 : end - recorded;
    if (attached || unrecorded <= maxUnreadBytes) this.#forRecording.reset();
    const wait = attached
      ? this.#tooFarBehind(behind)
      : // Both, so that each begins to wait now.
        [this.#forReaders.waits(behind), this.#forRecording.waits(unrecorded)].includes(true);
    this.#set(this.#snapshots > 0 || wait);
  }

  /** The output stands still while a screen is drawn of it. */
  async whileStill<T>(run: () => Promise<T>, update: () => void): Promise<T> {
    this.#snapshots += 1;
    update();
    try {
      return await run();
    } finally {
      this.#snapshots -= 1;
      update();
    }
  }

  dispose(): void {
    this.#forReaders.reset();
    this.#forRecording.reset();
  }

  #tooFarBehind(behind: number): boolean {
    return behind > (this.#holding ? resumeBehindBytes : maxBehindBytes);
  }

  #set(hold: boolean): void {
    if (hold === this.#holding) return;
    this.#holding = hold;
    if (hold) this.#process.hold();
    else this.#process.release();
  }
}
