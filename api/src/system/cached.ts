import type { Clock } from "../context.ts";

/**
 * Remembers an answer, and asks once for all who want it meanwhile. One that is older than `freshMs` is still given
 * while it is asked anew behind that; nobody gets one that is older than `usableMs`. A failure is not remembered.
 */
export function cached<T>(
  clock: Clock,
  { freshMs, usableMs }: { freshMs: number; usableMs: number },
  ask: () => Promise<T>,
): () => Promise<T> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let known: { at: number; answer: Promise<T> } | null = null;
  return () => {
    const now = clock.now().getTime();
    if (known !== null && (now - known.at >= usableMs || now < known.at)) known = null;
    if (known !== null && now - askedAt < freshMs) return known.answer;
    askedAt = now;
    const asked = { at: now, answer: ask() };
    const before = known;
    known ??= asked;
    asked.answer.then(
      () => {
        known = asked;
      },
      () => {
        if (known === asked) known = null;
      },
    );
    return (before ?? asked).answer;
  };
}
