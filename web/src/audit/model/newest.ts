/** Puts entries that came since on top, newest first, each once. */
export function mergeNewer<One extends { readonly id: string; readonly at: string }>(
  known: readonly One[],
  found: readonly One[],
): readonly One[] {
  const ids = new Set(known.map(({ id }) => id));
  const fresh = found.filter(({ id }) => !ids.has(id));
  if (fresh.length === 0) return known;
  // Transactions end in another order than they begin: one may come late, and belongs below the newest.
  return [...fresh, ...known].sort((one, other) =>
    one.at === other.at ? (one.id < other.id ? 1 : -1) : one.at < other.at ? 1 : -1,
  );
}
