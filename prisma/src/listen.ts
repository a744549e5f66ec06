import pg from "pg";

export interface ListenOptions {
  readonly url: string;
  readonly channel: string;
  readonly onNotification: (payload: string) => void;
  /**
   * After each time the connection stands, the first included: what was said while it did not is lost, so this is
   * the moment to read the tables again.
   */
  readonly onConnected: () => void;
  /** The connection broke, or could not be made; it is tried again, ever more slowly, up to every 5 seconds. */
  readonly onDisconnected?: (error: Error) => void;
  readonly applicationName?: string;
}

const retryMs = { first: 100, last: 5_000 };

/** Listens on a Postgres channel, with a connection of its own, until `close`. */
export function listen(options: ListenOptions): { close(): Promise<void> } {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let delay = retryMs.first;
  let closed = false;

  function retry(failed: pg.Client, error: Error): void {
    if (closed || client !== failed) return;
    client = undefined;
    failed.end().catch(() => undefined);
    options.onDisconnected?.(error);
    timer = setTimeout(connect, delay);
    delay = Math.min(delay * 2, retryMs.last);
  }

  function connect(): void {
    const fresh = new pg.Client({
      connectionString: options.url,
      application_name: options.applicationName ?? "remote-claude listen",
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    client = fresh;
    fresh.on("notification", ({ payload }) => options.onNotification(payload ?? ""));
    fresh.on("error", (error) => retry(fresh, error));
    fresh.on("end", () => retry(fresh, new Error("the connection ended")));
    fresh
      .connect()
      .then(() => fresh.query(`listen ${pg.escapeIdentifier(options.channel)}`))
      .then(
        () => {
          if (closed || client !== fresh) return;
          delay = retryMs.first;
          options.onConnected();
        },
        (error: Error) => retry(fresh, error),
      );
  }

  connect();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
