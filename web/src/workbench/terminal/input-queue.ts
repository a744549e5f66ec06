import { AppError, errorTable } from "@remote-claude/protocol";

export interface InputQueueOptions {
  /** Sends one piece; resolves when the agent has it. */
  send(sequence: number, data: string): Promise<unknown>;
  /** The terminal does not take input any more (it has ended, or we may not): what waited is dropped. */
  onRefused(error: unknown): void;
  /** Runs `retry` a while later; for refusals that pass by themselves. Returns what cancels it. */
  later(retry: () => void): () => void;
  /** Longest piece, in UTF-16 units. */
  pieceLength?: number;
}

interface Piece {
  sequence: number;
  data: string;
  inFlight: boolean;
}

/**
 * Keystrokes on their way to a terminal. They are sent at once and kept until they are answered; when one fails,
 * all that are unanswered wait and go again in their order. The agent drops what it has had by its sequence.
 */
export class InputQueue {
  readonly #options: Required<InputQueueOptions>;
  #pieces: Piece[] = [];
  #count = 0;
  #generation = 0;
  #stalled = false;
  #cancelRetry: () => void = () => undefined;

  constructor(options: InputQueueOptions) {
    this.#options = { pieceLength: 64 * 1024, ...options };
  }

  /** What has not been answered. */
  get unanswered(): number {
    return this.#pieces.length;
  }

  push(data: string): void {
    for (const piece of cut(data, this.#options.pieceLength)) {
      this.#count += 1;
      this.#pieces.push({ sequence: this.#count, data: piece, inFlight: false });
    }
    this.#pump();
  }

  /** The connection is back: sends again what was not answered. */
  resume(): void {
    this.#stall();
    this.#stalled = false;
    this.#pump();
  }

  /** Drops everything. */
  clear(): void {
    this.#stall();
    this.#stalled = false;
    this.#pieces = [];
  }

  #pump(): void {
    if (this.#stalled) return;
    for (const piece of this.#pieces.filter(({ inFlight }) => !inFlight)) {
      if (this.#stalled) return;
      void this.#send(piece, this.#generation);
    }
  }

  async #send(piece: Piece, generation: number): Promise<void> {
    piece.inFlight = true;
    try {
      await this.#options.send(piece.sequence, piece.data);
      // An answer counts whenever it comes.
      this.#pieces = this.#pieces.filter((other) => other !== piece);
    } catch (error) {
      if (generation === this.#generation) this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (error instanceof AppError && errorTable[error.code].retryable) {
      this.#stall();
      this.#cancelRetry = this.#options.later(() => this.resume());
      return;
    }
    this.clear();
    this.#options.onRefused(error);
  }

  #stall(): void {
    this.#cancelRetry();
    this.#cancelRetry = () => undefined;
    this.#stalled = true;
    this.#generation += 1;
    for (const piece of this.#pieces) piece.inFlight = false;
  }
}

/** Pieces no longer than `length`, never through the middle of a character. */
function cut(data: string, length: number): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < data.length; ) {
    let end = Math.min(data.length, start + length);
    const last = data.charCodeAt(end - 1);
    if (end < data.length && end - start > 1 && last >= 0xd800 && last <= 0xdbff) end -= 1;
    pieces.push(data.slice(start, end));
    start = end;
  }
  return pieces;
}
