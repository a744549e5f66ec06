import { perContext } from "../lib/per-context.ts";
import type { Replicas } from "../replicas/index.ts";

/** Work on one session: aborted when something else has to happen to it, or the api ends. */
export type SessionWork = (signal: AbortSignal) => Promise<void>;

interface Line {
  /** Of what is being done, and of what waits behind it. */
  readonly controllers: Set<AbortController>;
  last: Promise<void>;
  /** Tells the other apis that this one is done with the session. */
  readonly done: () => void;
}

/**
 * Start, stop and removal of one session, strictly one after the other: a place that is being removed is never
 * being started by a slower hand.
 */
export class SessionQueue {
  readonly #lines = new Map<string, Line>();
  readonly #replicas: Replicas;
  #closed = false;

  constructor(replicas: Replicas) {
    this.#replicas = replicas;
  }

  /** Aborts what is being done to the session, then does this. Resolves when it is done; the work never rejects. */
  replace(sessionId: string, work: SessionWork): Promise<void> {
    for (const controller of this.#lines.get(sessionId)?.controllers ?? []) controller.abort();
    return this.add(sessionId, work);
  }

  /** Does this after everything that was asked before. */
  add(sessionId: string, work: SessionWork): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const line = this.#lines.get(sessionId) ?? this.#begin(sessionId);
    const controller = new AbortController();
    line.controllers.add(controller);
    line.last = line.last
      .then(() => (this.#closed ? undefined : work(controller.signal)))
      .finally(() => {
        line.controllers.delete(controller);
        if (line.controllers.size > 0) return;
        this.#lines.delete(sessionId);
        line.done();
      });
    return line.last;
  }

  #begin(sessionId: string): Line {
    const done = this.#replicas.markBusy(sessionId);
    const line: Line = { controllers: new Set(), last: Promise.resolve(), done };
    this.#lines.set(sessionId, line);
    return line;
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

export const sessionQueueOf = perContext(({ replicas }) => new SessionQueue(replicas));

/** The promise's outcome, or the abort, whichever comes first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new DOMException("The work was aborted.", "AbortError"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** How long an act waits for what it began, before it answers with the state as it is. */
const patienceMs = 20_000;

/** Waits for work that goes on by itself, but not for ever. */
export async function patiently(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([work, enough]);
  clearTimeout(timer);
}
