import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../context.ts";
import { perContext } from "../lib/per-context.ts";
import { type Tending, tendOnce } from "./tend.ts";

const sweepMs = 15_000;
/** Whoever has just got a session opens its page, terminal and Claude now. */
const settleMs = 1_500;

/** Keeps the pool as it should be, one look at a time. */
class Keeper {
  readonly #context: Context;
  readonly #closing = new AbortController();
  readonly #tending: Tending = {
    starting: new Set(),
    failed: new Map(),
    signal: this.#closing.signal,
  };
  #last: Promise<void> = Promise.resolve();
  #soon: Promise<void> | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Looks until there is nothing to do; resolves then. Throws what the last look threw. */
  tend(): Promise<void> {
    const tended = this.#last.then(async () => {
      while (!this.#closing.signal.aborted && (await tendOnce(this.#context, this.#tending)));
    });
    this.#last = tended.catch(() => undefined);
    return tended;
  }

  /** The same in a while, once for all who ask meanwhile. Never throws. */
  tendSoon(): void {
    const { signal } = this.#closing;
    this.#soon ??= delay(settleMs, undefined, { signal, ref: false })
      .finally(() => {
        this.#soon = null;
      })
      .then(() => this.tend())
      .catch((error) => {
        if (!signal.aborted) this.#context.log.warn({ err: error }, "the pool was not looked after");
      });
  }

  /** Ends what is under way; the next api goes on. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#last;
  }
}

export const keeperOf = perContext((context) => new Keeper(context));

/** Looks after the pool from now on. Returns how to stop that. */
export function keepPool(context: Context): () => Promise<void> {
  const keeper = keeperOf(context);
  keeper.tendSoon();
  const sweep = setInterval(() => keeper.tendSoon(), sweepMs);
  sweep.unref();
  return async () => {
    clearInterval(sweep);
    await keeper.close();
  };
}

/** The pool may have changed: a place was claimed, or has ended. */
export function tendSoon(context: Context): void {
  keeperOf(context).tendSoon();
}

/** The same at once; resolves when nothing is left to do. */
export function tendPool(context: Context): Promise<void> {
  return keeperOf(context).tend();
}
