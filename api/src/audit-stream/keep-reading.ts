import { randomUUID } from "node:crypto";
import type { Context } from "../context.ts";
import { acquire, type Held, LeaseLost, noteFailure, release } from "./consumers.ts";
import type { Position } from "./position.ts";

const idleMs = 1000;
const firstWaitMs = 500;
const longestWaitMs = 60_000;

export interface Reader {
  readonly name: string;
  /** Where it begins when there is nothing of it yet. */
  begin(): Promise<Position>;
  /**
   * Takes what comes next and moves the reader on; true: there is more at once. Throws what keeps it from going on:
   * it is asked again, ever more slowly. `signal`: the api ends.
   */
  turn(held: Held, signal: AbortSignal): Promise<boolean>;
  /** In words, without secrets. */
  explain(error: unknown): string;
}

/** Has a reader read until the returned function is called, by one api at a time. It waits for the turn under way. */
export function keepReading({ db, log }: Context, reader: Reader): () => Promise<void> {
  const { name } = reader;
  const holder = randomUUID();
  const stop = new AbortController();
  let failures = 0;
  const once = async (): Promise<number> => {
    const held = await acquire(db, name, holder, () => reader.begin());
    if (held === null) return idleMs;
    try {
      const more = await reader.turn(held, stop.signal);
      if (failures > 0) log.info({ reader: name }, "the audit record is read again");
      failures = 0;
      return more ? 0 : idleMs;
    } catch (error) {
      if (error instanceof LeaseLost || stop.signal.aborted) return idleMs;
      const message = reader.explain(error);
      if (failures === 0)
        log.warn({ err: error, reader: name, reason: message }, "the audit record is not read further");
      failures += 1;
      await noteFailure(db, held, message);
      return Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1));
    }
  };
  const loop = async () => {
    while (!stop.signal.aborted) {
      // Without the database there is nobody to tell; it is asked again.
      const waitMs = await once().catch((error: unknown) => {
        log.debug({ err: error, reader: name }, "the audit record could not be asked");
        return idleMs;
      });
      if (waitMs > 0) await pause(waitMs, stop.signal);
    }
    await release(db, name, holder).catch(() => {});
  };
  const ended = loop();
  return () => {
    stop.abort();
    return ended;
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
