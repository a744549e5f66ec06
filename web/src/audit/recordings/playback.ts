import type { Cast, CastEvent } from "./cast.ts";

/** Longer than this nothing happens: skipped, if one wants, to shortly before something does. */
const idleSeconds = 2;
const leadSeconds = 0.3;
/** So many characters repaint any screen: what comes before need not be drawn again. */
const repaintCharacters = 1_000_000;

export interface Screen {
  reset(): void;
  show(event: CastEvent): void;
}

/** Where a replay is, and what to show next. It knows no clock: `advance` says how much time went by. */
export class Playback {
  readonly #cast: Cast;
  readonly #screen: Screen;
  #next = 0;
  #at = 0;
  speed = 1;
  skipIdle = true;

  constructor(cast: Cast, screen: Screen) {
    this.#cast = cast;
    this.#screen = screen;
  }

  get at(): number {
    return this.#at;
  }

  get ended(): boolean {
    return this.#at >= this.#cast.duration;
  }

  advance(seconds: number): void {
    const next = this.#cast.events[this.#next];
    if (this.skipIdle && next !== undefined && next.at - this.#at > idleSeconds)
      this.#at = next.at - leadSeconds;
    this.#at = Math.min(this.#at + seconds * this.speed, this.#cast.duration);
    this.#showDue();
  }

  seek(to: number): void {
    const at = Math.max(0, Math.min(to, this.#cast.duration));
    if (at < this.#at) {
      this.#screen.reset();
      this.#next = 0;
    }
    this.#at = at;
    this.#skipRepainted();
    this.#showDue();
  }

  #showDue(): void {
    for (;;) {
      const event = this.#cast.events[this.#next];
      if (event === undefined || event.at > this.#at) return;
      this.#screen.show(event);
      this.#next += 1;
    }
  }

  /** Of much that is due, only sizes and the last part are shown. */
  #skipRepainted(): void {
    const { events } = this.#cast;
    let last = this.#next;
    while ((events[last]?.at ?? Number.POSITIVE_INFINITY) <= this.#at) last += 1;
    let characters = 0;
    let first = last;
    while (first > this.#next && characters < repaintCharacters) {
      first -= 1;
      characters += events[first]?.text.length ?? 0;
    }
    for (const event of events.slice(this.#next, first)) if (event.kind === "r") this.#screen.show(event);
    this.#next = first;
  }
}
