import type { Clock } from "../context.ts";

/**
 * Remembers an answer, and asks once for all who want it meanwhile. One that is older than `freshMs` is still given
 * while it is asked anew behind that; nobody gets one that is older than `usableMs`.
 */
export function cached<T>(
  clock: Clock,
  { freshMs, usableMs }: { freshMs: number; usableMs: number },
  ask: () => Promise<T>,
): () => Promise<T> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let answer: Promise<T> | undefined;
  return () => {
    const now = clock.now().getTime();
    if (answer !== undefined && now - askedAt < freshMs && now >= askedAt) return answer;
    askedAt = now;
    const next = ask();
    const take = () => {
      answeredAt = now;
      answer = next;
    };
    if (answer !== undefined && now - answeredAt < usableMs) {
      next.then(take, () => {});
      return answer;
    }
    take();
    return next;
  };
}
