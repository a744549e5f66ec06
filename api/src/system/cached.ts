import type { Clock } from "../context.ts";

/** Remembers an answer for a while, and asks once for all who want it meanwhile. */
export function cached<T>(clock: Clock, forMs: number, ask: () => Promise<T>): () => Promise<T> {
  let at = Number.NEGATIVE_INFINITY;
  let answer: Promise<T> | undefined;
  return () => {
    const now = clock.now().getTime();
    if (answer === undefined || now - at >= forMs || now < at) {
      at = now;
      answer = ask();
    }
    return answer;
  };
}
