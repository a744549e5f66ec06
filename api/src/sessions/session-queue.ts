import { perContext } from "../lib/per-context.ts";

/** Work on one session: aborted when something else has to happen to it, or the api ends. */
export type SessionWork = (signal: AbortSignal) => Promise<void>;

interface Line {
  /** Of what is being done, and of what waits behind it. */
  readonly controllers: Set<AbortController>;
  last: Promise<void>;
}

/**
 * Start, stop and removal of one session, strictly one after the other: a place that is being removed is never
 * being started by a slower hand.
 */
export class SessionQueue {
  readonly #lines = new Map<string, Line>();
  #closed = false;

  /** Aborts what is being done to the session, then does this. Resolves when it is done; the work never rejects. */
  replace(sessionId: string, work: SessionWork): Promise<void> {
    for (const controller of this.#lines.get(sessionId)?.controllers ?? []) controller.abort();
    return this.add(sessionId, work);
  }

  /** Does this after everything that was asked before. */
  add(sessionId: string, work: SessionWork): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const line = this.#lines.get(sessionId) ?? { controllers: new Set(), last: Promise.resolve() };
    this.#lines.set(sessionId, line);
    const controller = new AbortController();
    line.controllers.add(controller);
    line.last = line.last
      .then(() => (this.#closed ? undefined : work(controller.signal)))
      .finally(() => {
        line.controllers.delete(controller);
        if (line.controllers.size === 0) this.#lines.delete(sessionId);
      });
    return line.last;
  }

  isBusy(sessionId: string): boolean {
    return this.#lines.has(sessionId);
  }

  /** Aborts everything, and waits until all of it has noticed. Rows stay as they are: the next start goes on. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { controllers } of this.#lines.values()) {
      for (const controller of controllers) controller.abort();
    }
    await Promise.allSettled([...this.#lines.values()].map(({ last }) => last));
  }
}

export const sessionQueueOf = perContext(() => new SessionQueue());

/** The promise's outcome, or the abort, whichever comes first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new DOMException("The work was aborted.", "AbortError"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
