/** Something in a recording: output, a new size, input, or a note of whoever recorded. Times in seconds. */
export interface CastEvent {
  readonly at: number;
  readonly kind: "o" | "r" | "i" | "m";
  readonly text: string;
}

export interface Cast {
  readonly cols: number;
  readonly rows: number;
  readonly events: readonly CastEvent[];
  /** Until the last event. */
  readonly duration: number;
}

const kinds = ["o", "r", "i", "m"];

function eventIn(line: string): CastEvent | null {
  const value: unknown = JSON.parse(line);
  if (!Array.isArray(value)) return null;
  const [at, kind, text] = value;
  if (typeof at !== "number" || typeof text !== "string" || !kinds.includes(kind)) return null;
  return { at, kind, text };
}

/** Reads an asciicast v2. Throws SyntaxError when it is none. */
export function parseCast(source: string): Cast {
  const [first = "", ...lines] = source.split("\n");
  const header: unknown = JSON.parse(first);
  const { version, width, height } = (header ?? {}) as Record<string, unknown>;
  if (version !== 2 || typeof width !== "number" || typeof height !== "number")
    throw new SyntaxError("not an asciicast of version 2");
  const events = lines.flatMap((line) => (line === "" ? [] : (eventIn(line) ?? [])));
  return { cols: width, rows: height, events, duration: events.at(-1)?.at ?? 0 };
}

/** What `7:05` or `1:02:07` says of seconds. */
export function clockOf(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/** The size in `100x30`; null when it is none that a screen can take. */
export function sizeIn(text: string): { cols: number; rows: number } | null {
  const [cols, rows] = text.split("x").map(Number);
  const fits = (side: number | undefined) =>
    Number.isInteger(side) && Number(side) > 0 && Number(side) <= 1000;
  return fits(cols) && fits(rows) ? { cols: Number(cols), rows: Number(rows) } : null;
}
