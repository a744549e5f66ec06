import type { Context } from "../context.ts";

/**
 * What a module keeps in memory, once for each api of this process (tests run several). Everything in it may be
 * lost at any moment: what must last is in Postgres.
 */
export function perContext<T>(create: (context: Context) => T): (context: Context) => T {
  const kept = new WeakMap<Context, T>();
  return (context) => {
    const known = kept.get(context);
    if (known !== undefined) return known;
    const made = create(context);
    kept.set(context, made);
    return made;
  };
}
