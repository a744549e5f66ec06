import type { Context } from "../context.ts";

const everyMs = 1000;

/**
 * Looks at something each second, one look at a time. One that fails is only noted: the database is away, whatever
 * is asked meanwhile fails by itself, and the next look decides. Returns the end of looking.
 */
export function eachSecond({ log }: Pick<Context, "log">, look: () => Promise<void>): () => void {
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => log.debug({ err: error }, "access not looked after"))
      .finally(() => {
        looking = false;
      });
  }, everyMs);
  return () => clearInterval(timer);
}
