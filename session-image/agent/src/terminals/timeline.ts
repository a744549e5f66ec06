import type { RecordingEvent } from "@remote-claude/protocol";

/** Output within so short a time has one moment: no eye tells the difference, and a flood makes few marks. */
const togetherMs = 8;
const maxMarks = 16_384;
const maxEvents = 16_384;
const maxEventCharacters = 4 * 1024 * 1024;

export type Mark = [offset: number, at: number];

/** When the bytes of a terminal's output came, and what happened between them, until it is stored elsewhere. */
export class Timeline {
  #marks: Mark[] = [];
  #events: RecordingEvent[] = [];
  #eventCharacters = 0;
  #seq = 0;

  get lastEvent(): number {
    return this.#seq;
  }

  /** The bytes from `offset` on have come now. */
  wrote(offset: number, at: number): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && at - last[1] < togetherMs) return;
    this.#marks.push([offset, at]);
    // Nobody reads it: the older half is kept at half the precision.
    if (this.#marks.length > maxMarks)
      this.#marks = this.#marks.filter((_, index) => index >= maxMarks / 2 || index % 2 === 0);
  }

  happened(event: Omit<RecordingEvent, "seq">): void {
    this.#seq += 1;
    this.#events.push({ ...event, seq: this.#seq });
    this.#eventCharacters += event.input?.length ?? 0;
    while (this.#events.length > maxEvents || this.#eventCharacters > maxEventCharacters)
      this.#eventCharacters -= this.#events.shift()?.input?.length ?? 0;
  }

  /** The marks of the bytes `from` … `to`, the first of them for `from` itself. */
  marks(from: number, to: number): Mark[] {
    if (to <= from) return [];
    const first = this.#marks.findLastIndex(([offset]) => offset <= from);
    const own = this.#marks.slice(Math.max(0, first)).filter(([offset]) => offset < to);
    return own.map(([offset, at]) => [Math.max(offset, from), at]);
  }

  /** The events after `seq` that happened when no more than `to` bytes were out, as many as one answer takes. */
  events(seq: number, to: number, maxCharacters: number): RecordingEvent[] {
    let characters = 0;
    return this.#events.filter((event) => {
      if (event.seq <= seq || event.offset > to) return false;
      characters += event.input?.length ?? 0;
      return characters <= maxCharacters;
    });
  }

  /** Everything before is stored. */
  forget(offset: number, seq: number): void {
    const first = this.#marks.findLastIndex((mark) => mark[0] <= offset);
    if (first > 0) this.#marks.splice(0, first);
    const kept = this.#events.findIndex((event) => event.seq > seq);
    const gone = this.#events.splice(0, kept === -1 ? this.#events.length : kept);
    for (const { input } of gone) this.#eventCharacters -= input?.length ?? 0;
  }
}
