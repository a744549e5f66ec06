import type { Payload, RecordingMode, Reply } from "@remote-claude/protocol";
import type { Ring } from "./ring.ts";
import { Timeline } from "./timeline.ts";

/** So much is worth an answer at once; less waits for company. */
const gatheredBytes = 256 * 1024;
const gatherMs = 1_000;
/** Shorter than whoever asks waits. */
const emptyAfterMs = 20_000;
const maxDataBytes = 1024 * 1024;
const maxInputCharacters = 64 * 1024;
/** A longer input is several events, so that each fits into an answer. */
const pieceCharacters = 16 * 1024;

type Request = Omit<Payload<"recording.read">, "terminalId">;

/** null: nobody has said it yet. Until then what is put out is kept for the first one who does. */
export type KnownMode = RecordingMode | null;

/** What of one terminal is still to be recorded, for the one that records it: who asks again replaces who asked. */
export class Recording {
  readonly #ring: Ring;
  readonly #timeline = new Timeline();
  #mode: KnownMode;
  /** Up to here it is stored. */
  #stored = 0;
  #storedEvent = 0;
  /** What came before was not to be recorded. */
  #from = 0;
  #lastWasSecret = false;
  #ended = false;
  #stopped = false;
  #wake: (() => void) | null = null;
  #gathering: NodeJS.Timeout | null = null;

  constructor(ring: Ring, mode: KnownMode) {
    this.#ring = ring;
    this.#mode = mode;
  }

  get mode(): KnownMode {
    return this.#stopped ? "off" : this.#mode;
  }

  set mode(mode: KnownMode) {
    // What came while nothing was recorded is not recorded afterwards either.
    if (this.#mode === "off" && mode !== "off") this.#stored = this.#from = this.#ring.end;
    this.#mode = mode;
    if (mode === "off") this.#answerNow();
  }

  /** The offset up to which the output is stored; null when nobody records it. */
  get recorded(): number | null {
    return this.mode === "off" ? null : this.#stored;
  }

  /** Everything there will be is stored, or nobody wants it. */
  get done(): boolean {
    if (this.mode === "off") return true;
    return this.#ended && this.#stored >= this.#ring.end && this.#storedEvent >= this.#timeline.lastEvent;
  }

  /** Called before these bytes are appended to the ring. */
  beforeAppend(): void {
    if (this.mode !== "off") this.#timeline.wrote(this.#ring.end, Date.now());
  }

  appended(): void {
    if (this.mode !== "off") this.#noted();
  }

  resized(cols: number, rows: number): void {
    this.#happened({ size: { cols, rows }, input: null });
  }

  /** null: it was a secret. */
  typed(input: string | null): void {
    if (this.mode !== "output-and-input") return;
    // One mark for all of it: how long a secret is tells something of it.
    if (input === null && !this.#lastWasSecret) this.#happened({ size: null, input });
    for (let at = 0; input !== null && at < input.length; at += pieceCharacters)
      this.#happened({ size: null, input: input.slice(at, at + pieceCharacters) });
    this.#lastWasSecret = input === null;
  }

  /** Nothing comes any more. */
  end(): void {
    this.#ended = true;
    this.#answerNow();
  }

  stop(): void {
    this.#stopped = true;
    this.#answerNow();
  }

  async read({ after, afterEvent }: Request): Promise<Reply<"recording.read">> {
    this.#answerNow();
    this.#stored = Math.max(this.#stored, Math.min(after, this.#ring.end));
    this.#storedEvent = Math.max(this.#storedEvent, afterEvent);
    this.#timeline.forget(this.#stored, this.#storedEvent);
    if (!this.#isWorthIt) await this.#somethingToSay();
    const offset = Math.max(Math.min(after, this.#ring.end), this.#ring.start, this.#from);
    const data = this.#ring.read(offset, maxDataBytes);
    const to = offset + data.length;
    const marks = this.#timeline.marks(offset, to);
    const events = this.#timeline.events(afterEvent, to, maxInputCharacters);
    const last = events.at(-1)?.seq ?? afterEvent;
    const ended = this.#ended && to === this.#ring.end && last >= this.#timeline.lastEvent;
    const state = this.mode === "off" ? "off" : ended ? "ended" : "open";
    return { offset, data, marks, events, state };
  }

  get #isWorthIt(): boolean {
    return this.#ended || this.mode === "off" || this.#ring.end - this.#stored >= gatheredBytes;
  }

  #somethingToSay(): Promise<void> {
    return new Promise((resolve) => {
      const patience = setTimeout(() => this.#answerNow(), emptyAfterMs).unref();
      this.#wake = () => {
        clearTimeout(patience);
        resolve();
      };
      if (this.#ring.end > this.#stored || this.#timeline.lastEvent > this.#storedEvent) this.#noted();
    });
  }

  #happened(what: { size: { cols: number; rows: number } | null; input: string | null }): void {
    if (this.mode === "off") return;
    this.#timeline.happened({ offset: this.#ring.end, at: Date.now(), ...what });
    this.#noted();
  }

  #noted(): void {
    if (this.#wake === null) return;
    if (this.#isWorthIt) this.#answerNow();
    else this.#gathering ??= setTimeout(() => this.#answerNow(), gatherMs).unref();
  }

  #answerNow(): void {
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    this.#gathering = null;
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
