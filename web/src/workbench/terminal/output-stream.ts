import type { OutputData } from "@remote-claude/protocol";

/** What the agent answers to `terminal.attach`, as far as the stream of bytes goes. */
export interface AttachedAt {
  offset: number;
  gap: number;
  snapshot: string | null;
  /** Bytes the terminal had put out when it answered. */
  endOffset: number;
}

/** Where output comes from and acknowledgements go to. */
export interface OutputSource {
  attach(after: number): Promise<AttachedAt>;
  acknowledge(offset: number): void;
}

/** Where output goes to; `done` is called when it has been taken in. */
export interface OutputScreen {
  write(data: OutputData, done: () => void): void;
  reset(): void;
}

export interface OutputStreamOptions {
  source: OutputSource;
  screen: OutputScreen;
  /** The sentence for bytes that cannot be shown any more, as terminal text. */
  gapMark(bytes: number): string;
  /** Attaching failed; `restart` is the way on. */
  onError(error: unknown): void;
  /** Acknowledge each time this much more has been taken in. */
  acknowledgeEvery?: number;
}

interface Chunk {
  offset: number;
  data: OutputData;
}

/**
 * A terminal's output, every byte once and in order, by absolute offset: what one has is dropped, a hole is closed
 * by attaching again, and a reader too far behind gets a snapshot of the screen with a mark for what is missing.
 */
export class OutputStream {
  readonly #options: Required<OutputStreamOptions>;
  /** Everything before this offset has been given to the screen. */
  #position = 0;
  /** Everything before this offset has been taken in by it. */
  #consumed = 0;
  #acknowledged = 0;
  #state: "detached" | "attaching" | "attached" = "detached";
  /** Counts attachments: an answer to an older one says nothing any more. */
  #generation = 0;
  #early: Chunk[] = [];
  /** Replies that the screen gives to bytes before this offset were given when they were new. */
  #replayedUntil = 0;
  #snapshotPending = false;
  #waiting: { offset: number; run: () => void }[] = [];

  constructor(options: OutputStreamOptions) {
    this.#options = { acknowledgeEvery: 64 * 1024, ...options };
  }

  get position(): number {
    return this.#position;
  }

  /** History is being drawn: what the screen answers to it (cursor reports and such) must not be sent. */
  get replaying(): boolean {
    return this.#snapshotPending || this.#consumed < this.#replayedUntil;
  }

  /** Attaches, or attaches again after the connection was made anew: output goes on where it stopped. */
  restart(): void {
    void this.#attach(this.#position);
  }

  /** The agent gave this reader up: only a snapshot helps. */
  overrun(): void {
    if (this.#state === "attached") void this.#attach(0);
  }

  /** The connection is gone. What comes before `restart` is not for us. */
  stop(): void {
    this.#generation += 1;
    this.#state = "detached";
    this.#early = [];
  }

  /** Output as it arrived. */
  push(chunk: Chunk): void {
    if (this.#state === "attached") this.#take(chunk);
    else if (this.#state === "attaching") this.#early.push(chunk);
  }

  /** Runs when the screen has taken in everything before the offset. */
  whenConsumed(offset: number, run: () => void): void {
    if (this.#consumed >= offset && !this.#snapshotPending) run();
    else this.#waiting.push({ offset, run });
  }

  async #attach(after: number): Promise<void> {
    this.stop();
    this.#state = "attaching";
    const generation = this.#generation;
    try {
      const answer = await this.#options.source.attach(after);
      if (generation !== this.#generation) return;
      this.#state = "attached";
      this.#begin(answer, after);
      const early = this.#early;
      this.#early = [];
      for (const chunk of early) this.push(chunk);
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#state = "detached";
      this.#options.onError(error);
    }
  }

  #begin({ offset, gap, snapshot, endOffset }: AttachedAt, after: number): void {
    const { screen } = this.#options;
    if (after === 0) this.#replayedUntil = Math.max(this.#replayedUntil, endOffset);
    if (snapshot === null && offset <= this.#position) return;
    // From the last byte that is on the screen, not from where we asked: an overrun asks from 0.
    const missing = this.#position === 0 ? gap : offset - this.#position;
    if (this.#position > 0) screen.reset();
    this.#position = offset;
    this.#snapshotPending = true;
    const mark = missing > 0 ? this.#options.gapMark(missing) : "";
    screen.write(mark + (snapshot ?? ""), () => {
      this.#snapshotPending = false;
      this.#onConsumed(offset);
    });
  }

  #take({ offset, data }: Chunk): void {
    const end = offset + data.length;
    if (end <= this.#position) return;
    if (offset > this.#position) {
      void this.#attach(this.#position);
      return;
    }
    const fresh = offset === this.#position ? data : rest(data, this.#position - offset);
    this.#position = end;
    this.#options.screen.write(fresh, () => this.#onConsumed(end));
  }

  #onConsumed(offset: number): void {
    this.#consumed = Math.max(this.#consumed, offset);
    if (this.#consumed - this.#acknowledged >= this.#options.acknowledgeEvery) {
      this.#acknowledged = this.#consumed;
      this.#options.source.acknowledge(this.#consumed);
    }
    if (this.#waiting.length === 0) return;
    const ready = this.#waiting.filter((waiting) => waiting.offset <= this.#consumed);
    this.#waiting = this.#waiting.filter((waiting) => waiting.offset > this.#consumed);
    for (const { run } of ready) run();
  }
}

function rest(data: OutputData, from: number): OutputData {
  return typeof data === "string" ? data.slice(from) : data.subarray(from);
}
