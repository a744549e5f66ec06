export interface Rate {
  /** How many at once. */
  readonly capacity: number;
  /** In how long all of them come back, evenly. */
  readonly windowMs: number;
}

export type RateDecision = { ok: true } | { ok: false; retryAfterSeconds: number; first: boolean };

/** Counts attempts by key: in this process, or in Redis for several of them. */
export interface RateLimiter {
  /** Takes one, if there is one. `first` marks the first refusal in a row: the one worth recording. */
  take(key: string, rate: Rate): Promise<RateDecision>;
  /** Gives one back: the attempt turned out to be a good one. */
  giveBack(key: string, rate: Rate): Promise<void>;
}

interface Bucket {
  level: number;
  at: number;
  refused: boolean;
}

const maxBuckets = 50_000;

/** Token buckets in memory. Full ones are forgotten, so memory follows the number of recent offenders. */
export function createMemoryRateLimiter(clock: { now(): Date }): RateLimiter {
  const buckets = new Map<string, Bucket>();

  function refill(key: string, rate: Rate): Bucket {
    const now = clock.now().getTime();
    const bucket = buckets.get(key) ?? { level: rate.capacity, at: now, refused: false };
    const gained = (Math.max(0, now - bucket.at) / rate.windowMs) * rate.capacity;
    bucket.level = Math.min(rate.capacity, bucket.level + gained);
    bucket.at = now;
    // Set again, so that the map stays in order of last use and the oldest go first.
    buckets.delete(key);
    buckets.set(key, bucket);
    for (const oldest of buckets.keys()) {
      if (buckets.size <= maxBuckets) break;
      buckets.delete(oldest);
    }
    return bucket;
  }

  return {
    async take(key, rate) {
      const bucket = refill(key, rate);
      if (bucket.level >= 1) {
        bucket.level -= 1;
        bucket.refused = false;
        return { ok: true };
      }
      const first = !bucket.refused;
      bucket.refused = true;
      const retryAfterSeconds = Math.ceil((((1 - bucket.level) / rate.capacity) * rate.windowMs) / 1000);
      return { ok: false, retryAfterSeconds, first };
    },
    async giveBack(key, rate) {
      const bucket = refill(key, rate);
      bucket.level = Math.min(rate.capacity, bucket.level + 1);
      if (bucket.level === rate.capacity) buckets.delete(key);
    },
  };
}
