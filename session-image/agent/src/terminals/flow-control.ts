/** The fastest attached reader may be so far behind before the programs have to wait for it. */
const maxBehindBytes = 1024 * 1024;
const resumeBehindBytes = 768 * 1024;
/** So much is kept for readers that are away, below what the ring holds. */
const maxUnreadBytes = 3 * 1024 * 1024;
const maxWaitForReadersMs = 60_000;

/**
 * Decides when a terminal's programs have to wait. Slower readers never make them; with nobody attached they
 * wait for up to a minute, so that an outage of that length loses nothing.
 */
export class FlowControl {
  readonly #process: { hold(): void; release(): void };
  /** Up to here somebody has read. */
  #consumed = 0;
  #holding = false;
  #snapshots = 0;
  #waiting: NodeJS.Timeout | null = null;
  #waitedInVain = false;

  constructor(process: { hold(): void; release(): void }) {
    this.#process = process;
  }

  /** Called when output came, a reader acknowledged, came or went. */
  update(end: number, readers: Iterable<{ readonly acknowledged: number }>): void {
    let attached = false;
    for (const { acknowledged } of readers) {
      attached = true;
      this.#consumed = Math.max(this.#consumed, acknowledged);
    }
    const behind = end - this.#consumed;
    if (attached) this.#stopWaiting();
    this.#set(this.#snapshots > 0 || (attached ? this.#tooFarBehind(behind) : this.#waitsForReaders(behind)));
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
    this.#stopWaiting();
  }

  #tooFarBehind(behind: number): boolean {
    return behind > (this.#holding ? resumeBehindBytes : maxBehindBytes);
  }

  #waitsForReaders(unread: number): boolean {
    if (unread <= maxUnreadBytes || this.#waitedInVain) return false;
    this.#waiting ??= setTimeout(() => {
      this.#waitedInVain = true;
      this.#set(this.#snapshots > 0);
    }, maxWaitForReadersMs).unref();
    return true;
  }

  #stopWaiting(): void {
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#waiting = null;
    this.#waitedInVain = false;
  }

  #set(hold: boolean): void {
    if (hold === this.#holding) return;
    this.#holding = hold;
    if (hold) this.#process.hold();
    else this.#process.release();
  }
}
