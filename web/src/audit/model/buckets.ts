/** How many entries a stretch of time has, as the api counts them. */
export interface Count {
  readonly at: string;
  readonly count: number;
  /** Of these, refused or failed. */
  readonly troubled: number;
}

export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly troubled: number;
}

/** So many bars there are at most; more would be thinner than a finger and an eye can tell apart. */
export const maxBuckets = 400;

/**
 * Every stretch from the first to the last moment, those without entries included. Without a beginning (all time)
 * the first entry is it.
 */
export function bucketsOf(
  counts: readonly Count[],
  { from, to, stepMs }: { from: number | null; to: number; stepMs: number },
): readonly Bucket[] {
  const found = new Map(counts.map((count) => [Math.floor(Date.parse(count.at) / stepMs), count]));
  const known = [...found.keys()];
  const first = from === null ? Math.min(...known) : Math.floor(from / stepMs);
  const last = Math.max(Math.floor(to / stepMs), ...known);
  if (!Number.isFinite(first) || last < first) return [];
  const begin = Math.max(first, last - maxBuckets + 1);
  return Array.from({ length: last - begin + 1 }, (_, index) => {
    const step = begin + index;
    const { count = 0, troubled = 0 } = found.get(step) ?? {};
    return { from: step * stepMs, to: (step + 1) * stepMs, count, troubled };
  });
}

const day = 24 * 3_600_000;

const clock = (ms: number) => new Date(ms).toLocaleTimeString("en", { hour: "numeric", minute: "2-digit" });
const date = (ms: number) => new Date(ms).toLocaleDateString("en", { month: "short", day: "numeric" });

/** "Nov 26, 2:00 PM – 3:00 PM"; of whole days the day alone. */
export function bucketWords({ from, to }: Pick<Bucket, "from" | "to">): string {
  if (to - from >= day) return to - from > day ? `${date(from)} – ${date(to - 1)}` : date(from);
  const until = date(from) === date(to) ? clock(to) : `${date(to)}, ${clock(to)}`;
  return `${date(from)}, ${clock(from)} – ${until}`;
}

const entries = (count: number) => `${count.toLocaleString("en")} ${count === 1 ? "entry" : "entries"}`;

export const countWords = ({ count, troubled }: Pick<Bucket, "count" | "troubled">): string =>
  troubled === 0 ? entries(count) : `${entries(count)}, ${troubled.toLocaleString("en")} refused or failed`;

/** What the bars say, for those who do not see them. */
export function chartWords(buckets: readonly Bucket[]): string {
  const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const troubled = buckets.reduce((sum, bucket) => sum + bucket.troubled, 0);
  const peak = buckets.reduce<Bucket | null>(
    (most, bucket) => (most === null || bucket.count > most.count ? bucket : most),
    null,
  );
  if (peak === null || count === 0) return "No entries in this time.";
  return `${countWords({ count, troubled })}; most, ${entries(peak.count)}: ${bucketWords(peak)}.`;
}
