/**
 * `next`, with every part that equals the same part of `previous` replaced by it, so that whoever compares by
 * identity sees only what changed.
 */
export function share<T>(previous: unknown, next: T): T {
  if (Object.is(previous, next)) return next;
  if (Array.isArray(previous) && Array.isArray(next)) {
    const shared = next.map((item, index) => share(previous[index], item));
    const same =
      previous.length === shared.length && shared.every((item, index) => Object.is(item, previous[index]));
    return (same ? previous : shared) as T;
  }
  if (!isPlain(previous) || !isPlain(next)) return next;
  const keys = Object.keys(next);
  let same = keys.length === Object.keys(previous).length;
  const shared: Record<string, unknown> = {};
  for (const key of keys) {
    shared[key] = share(previous[key], next[key]);
    if (!Object.is(shared[key], previous[key])) same = false;
  }
  return (same ? previous : shared) as T;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The same for lists whose items have keys: items are compared with the one of their own key. */
export function shareByKey<T extends { readonly key: string }>(
  previous: readonly T[],
  next: readonly T[],
): readonly T[] {
  const known = new Map(previous.map((item) => [item.key, item]));
  const shared = next.map((item) => share(known.get(item.key), item));
  const same =
    previous.length === shared.length && shared.every((item, index) => Object.is(item, previous[index]));
  return same ? previous : shared;
}
