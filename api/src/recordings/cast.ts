import { StringDecoder } from "node:string_decoder";
import type { RecordingEvent, Reply } from "@remote-claude/protocol";

/** A clock that is further ahead than this is wrong, or lies. */
const maxAheadMs = 60_000;

/** A part of a recording: lines of an asciicast, and how far they reach. */
export interface CastPart {
  readonly text: string;
  readonly fromOffset: number;
  /** Less than what was read when its last character is not whole. */
  readonly toOffset: number;
  readonly toEvent: number;
  /** Milliseconds since 1970; null when there is nothing in it. */
  readonly lastAt: number | null;
  readonly gapBytes: number;
  readonly hasInput: boolean;
}

export interface CastSource {
  readonly startedAt: number;
  /** Of what is stored already: time does not go back, whatever a clock does. */
  readonly lastAt: number;
  readonly toOffset: number;
  readonly toEvent: number;
  readonly now: number;
}

/** The first line. Its times are seconds since `startedAt`. */
export function castHeader(recording: {
  cols: number;
  rows: number;
  startedAt: Date;
  title: string;
}): string {
  const { cols: width, rows: height, startedAt, title } = recording;
  const timestamp = Math.floor(startedAt.getTime() / 1000);
  return `${JSON.stringify({ version: 2, width, height, timestamp, title })}\n`;
}

/** A line that says what no terminal said. */
export function castNote(source: CastSource, at: number, text: string): string {
  return line(source.startedAt, Math.max(at, source.lastAt), "m", text);
}

const line = (startedAt: number, at: number, kind: "o" | "i" | "r" | "m", text: string) =>
  `[${Math.max(0, (at - startedAt) / 1000)},"${kind}",${JSON.stringify(text)}]\n`;

/** How many of the last bytes begin a character that is not whole. */
function unfinishedBytes(data: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, data.length); back += 1) {
    const byte = data[data.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? back : 0;
  }
  return 0;
}

/** What an agent answered, as lines that follow what is stored. The agent is hostile ground: nothing is believed of it. */
export function castPart(source: CastSource, read: Reply<"recording.read">): CastPart {
  const fromOffset = Math.max(read.offset, source.toOffset);
  const whole = read.state === "ended" ? read.data.length : read.data.length - unfinishedBytes(read.data);
  const toOffset = fromOffset + whole;
  const events = read.events.filter(({ seq }) => seq > source.toEvent);
  const gapBytes = fromOffset - source.toOffset;
  const writer = new Writer(source);
  const first = read.marks[0]?.[1] ?? source.lastAt;
  if (gapBytes > 0) writer.write("m", first, `${gapBytes} bytes are not recorded`);
  const decoder = new StringDecoder("utf8");
  let position = fromOffset;
  const outputUpTo = (until: number, at: number) => {
    if (until <= position) return;
    const text = decoder.write(Buffer.from(read.data.subarray(position - fromOffset, until - fromOffset)));
    if (text !== "") writer.write("o", at, text);
    position = until;
  };
  const cuts = [
    ...read.marks.map(([offset, at]) => ({ offset, at, event: null })),
    ...events.map((event) => ({ offset: event.offset, at: event.at, event })),
  ].toSorted((one, other) => one.offset - other.offset || one.at - other.at);
  let at = first;
  for (const cut of cuts) {
    outputUpTo(Math.min(Math.max(cut.offset, fromOffset), toOffset), at);
    if (cut.event !== null) writeEvent(writer, cut.event);
    else at = cut.at;
  }
  outputUpTo(toOffset, at);
  const rest = decoder.end();
  if (rest !== "") writer.write("o", at, rest);
  return {
    text: writer.text,
    fromOffset,
    toOffset,
    toEvent: events.at(-1)?.seq ?? source.toEvent,
    lastAt: writer.text === "" ? null : writer.lastAt,
    gapBytes,
    hasInput: events.some(({ input }) => input !== null),
  };
}

class Writer {
  text = "";
  lastAt: number;
  readonly #startedAt: number;
  readonly #latest: number;

  constructor({ startedAt, lastAt, now }: CastSource) {
    this.#latest = now + maxAheadMs;
    this.#startedAt = startedAt;
    this.lastAt = lastAt;
  }

  write(kind: "o" | "i" | "r" | "m", at: number, text: string): void {
    this.lastAt = Math.max(this.lastAt, Math.min(at, this.#latest));
    this.text += line(this.#startedAt, this.lastAt, kind, text);
  }
}

function writeEvent(writer: Writer, { at, size, input }: RecordingEvent): void {
  if (size !== null) writer.write("r", at, `${size.cols}x${size.rows}`);
  else if (input !== null) writer.write("i", at, input);
  else writer.write("m", at, "what was typed here is not recorded: the terminal did not show it");
}
