/** What stands in the list: entries, and a line where a day begins. */
export type ListRow<Entry> =
  | { readonly kind: "day"; readonly key: string; readonly title: string }
  | { readonly kind: "entry"; readonly key: string; readonly entry: Entry; readonly index: number };

const dayOf = (at: string) => new Date(at).toDateString();

function titleOf(at: string, now: number): string {
  const day = dayOf(at);
  if (day === new Date(now).toDateString()) return "Today";
  if (day === new Date(now - 86_400_000).toDateString()) return "Yesterday";
  const withYear = new Date(at).getFullYear() !== new Date(now).getFullYear();
  return new Date(at).toLocaleDateString("en", {
    weekday: "long",
    month: "long",
    day: "numeric",
    ...(withYear ? { year: "numeric" as const } : {}),
  });
}

/** Puts a line before the first entry of each day, on this person's clock. */
export function withDays<Entry extends { readonly id: string; readonly at: string }>(
  entries: readonly Entry[],
  now: number,
): readonly ListRow<Entry>[] {
  const rows: ListRow<Entry>[] = [];
  let day = "";
  for (const [index, entry] of entries.entries()) {
    if (dayOf(entry.at) !== day) {
      day = dayOf(entry.at);
      rows.push({ kind: "day", key: `day ${day}`, title: titleOf(entry.at, now) });
    }
    rows.push({ kind: "entry", key: entry.id, entry, index });
  }
  return rows;
}
