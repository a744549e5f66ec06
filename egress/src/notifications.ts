import pg from "pg";
import type { Logger } from "pino";

export interface Subscription {
  stop(): Promise<void>;
}

export interface SubscribeOptions {
  readonly databaseUrl: string;
  readonly channel: string;
  readonly log: Logger;
  readonly onMessage: (payload: string) => void;
  /** Listening again after a time in which messages may have been missed; also the first time. */
  readonly onConnected: () => void;
}

const firstDelayMs = 200;
const maxDelayMs = 5000;

/** Listens on a Postgres channel, and connects again whenever the connection breaks. */
export function subscribe(options: SubscribeOptions): Subscription {
  const { databaseUrl, channel, log, onMessage, onConnected } = options;
  let stopped = false;
  let delayMs = firstDelayMs;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  const again = () => {
    if (stopped) return;
    timer = setTimeout(() => void connect(), delayMs);
    delayMs = Math.min(delayMs * 2, maxDelayMs);
  };

  const connect = async () => {
    const current = new pg.Client({
      connectionString: databaseUrl,
      application_name: "remote-claude-egress-listen",
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    client = current;
    let over = false;
    const lost = (error?: Error) => {
      if (over) return;
      over = true;
      if (!stopped) log.warn({ err: error, channel }, "the database connection broke; connecting again");
      current.end().catch(() => undefined);
      again();
    };
    current.on("error", lost);
    current.on("end", () => lost());
    current.on("notification", ({ payload }) => onMessage(payload ?? ""));
    try {
      await current.connect();
      await current.query(`listen ${pg.escapeIdentifier(channel)}`);
      delayMs = firstDelayMs;
      onConnected();
    } catch (error) {
      lost(error as Error);
    }
  };
  void connect();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
