/** How far back one looks, or between which two moments (ISO, UTC; null: open on that side). */
export type TimeRange =
  | { readonly kind: "last"; readonly id: PresetId }
  | { readonly kind: "between"; readonly from: string | null; readonly to: string | null };

export type PresetId = (typeof presets)[number]["id"];

const hour = 3_600_000;

export const presets = [
  { id: "hour", title: "Last hour", ms: hour },
  { id: "day", title: "Last 24 hours", ms: 24 * hour },
  { id: "week", title: "Last 7 days", ms: 7 * 24 * hour },
  { id: "month", title: "Last 30 days", ms: 30 * 24 * hour },
  { id: "all", title: "All time", ms: null },
] as const;

export const defaultRange: TimeRange = { kind: "last", id: "week" };

export const isPreset = (id: string): id is PresetId => presets.some((preset) => preset.id === id);

/** Two moments (ISO, UTC); null: open on that side. */
export interface Bounds {
  readonly from: string | null;
  readonly to: string | null;
}

/** Where the range begins and ends; null: nowhere. A preset has no end: what comes is part of it. */
export function boundsOf(range: TimeRange, now: number): Bounds {
  if (range.kind === "between") return { from: range.from, to: range.to };
  const ms = presets.find(({ id }) => id === range.id)?.ms ?? null;
  return { from: ms === null ? null : new Date(now - ms).toISOString(), to: null };
}

const moment = (time: string, withYear: boolean) =>
  new Date(time).toLocaleString("en", {
    ...(withYear ? { year: "numeric" as const } : {}),
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
  });

/** "Nov 26, 7:20 PM – Nov 27, 8:00 AM", "since …", "until …". */
export function rangeWords(range: TimeRange, now: number = Date.now()): string {
  if (range.kind === "last") return presets.find(({ id }) => id === range.id)?.title ?? "";
  const year = new Date(now).getFullYear();
  const words = (time: string) => moment(time, new Date(time).getFullYear() !== year);
  const { from, to } = range;
  if (from !== null && to !== null) return `${words(from)} – ${words(to)}`;
  if (from !== null) return `Since ${words(from)}`;
  return to === null ? "All time" : `Until ${words(to)}`;
}

/** What `<input type="datetime-local">` shows for a moment, on this person's clock. */
export function toLocalField(time: string | null): string {
  if (time === null) return "";
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function fromLocalField(value: string): string | null {
  const ms = Date.parse(value);
  return value === "" || Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
