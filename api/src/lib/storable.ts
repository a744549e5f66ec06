/** Deeper than this nobody nests; JSON that goes on for ever would overflow the stack of whoever walks it. */
const maxDepth = 200;

/** The text as Postgres takes it: NUL and halves of surrogate pairs, which it refuses, are U+FFFD. */
export function storableText(text: string): string {
  if (!text.includes("\0") && text.isWellFormed()) return text;
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

/** JSON as Postgres takes it; the value itself where nothing had to change. */
export function storableJson<T>(value: T): T {
  return clean(value, 0) as T;
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return storableText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= maxDepth) return "[too deep]";
  if (Array.isArray(value)) {
    const items = value.map((item) => clean(item, depth + 1));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const entries = Object.entries(value);
  const cleaned = entries.map(([key, item]) => [storableText(key), clean(item, depth + 1)] as const);
  const same = cleaned.every(
    ([key, item], index) => key === entries[index]?.[0] && item === entries[index]?.[1],
  );
  return same ? value : Object.fromEntries(cleaned);
}
