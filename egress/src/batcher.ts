import type { Logger } from "pino";

export interface Batcher<Row> {
  add(row: Row): void;
  /** Writes what waits; resolves when it is written or, at the end of a failed attempt, still waits. */
  flush(): Promise<void>;
  /** How many rows wait. */
  waiting(): number;
  /** Flushes a last time and says what had to be given up. */
  stop(): Promise<void>;
}

export interface BatcherOptions<Row> {
  /** For the log. */
  readonly what: string;
  readonly write: (rows: readonly Row[]) => Promise<void>;
  /** Rejects when the database is away, as opposed to refusing a row. */
  readonly check: () => Promise<void>;
  readonly log: Logger;
  /** Turned into rows when a batch is closed: what is summed up until then. */
  readonly drain?: () => readonly Row[];
  readonly flushAfterMs?: number;
  readonly maxBatch?: number;
  /** Above this many waiting rows the oldest are given up, with an error in the log. */
  readonly maxWaiting?: number;
}

/**
 * Writes rows in batches, behind the requests they tell of. While the database is away they wait, up to a bound; a
 * row that it refuses is given up alone.
 */
export function createBatcher<Row>(options: BatcherOptions<Row>): Batcher<Row> {
  const {
    what,
    write,
    check,
    log,
    drain,
    flushAfterMs = 1000,
    maxBatch = 200,
    maxWaiting = 20_000,
  } = options;
  let waiting: Row[] = [];
  let running: Promise<void> | null = null;

  const trim = () => {
    const excess = waiting.length - maxWaiting;
    if (excess <= 0) return;
    waiting.splice(0, excess);
    log.error({ lost: excess, what }, "rows given up: the database has been away too long");
  };

  const writeOneByOne = async (rows: readonly Row[]) => {
    for (const row of rows) {
      try {
        await write([row]);
      } catch (error) {
        log.error({ err: error, what }, "a row was refused by the database and given up");
      }
    }
  };

  /** false: the database is away, and everything still waits. */
  const writeBatch = async (): Promise<boolean> => {
    const batch = waiting.slice(0, maxBatch);
    try {
      await write(batch);
    } catch (error) {
      try {
        await check();
      } catch {
        log.warn({ err: error, what, waiting: waiting.length }, "the database is away: rows wait");
        return false;
      }
      await writeOneByOne(batch);
    }
    // Rows are only ever appended meanwhile; `trim` runs between batches.
    waiting = waiting.slice(batch.length);
    return true;
  };

  const run = async () => {
    waiting.push(...(drain?.() ?? []));
    trim();
    while (waiting.length > 0) if (!(await writeBatch())) return;
  };

  const flush = () => {
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  };

  const timer = setInterval(() => void flush(), flushAfterMs);
  timer.unref();

  return {
    add(row) {
      waiting.push(row);
      if (waiting.length >= maxBatch && running === null) void flush();
    },
    flush,
    waiting: () => waiting.length,
    async stop() {
      clearInterval(timer);
      // The one under way may have begun before the last rows came.
      await flush();
      await flush();
      if (waiting.length > 0) log.error({ lost: waiting.length, what }, "rows given up at the end");
    },
  };
}
