/** The present month and those before it, newest first: "2026-11" with its name. */
export function recentMonths(now: Date, count = 12): readonly (readonly [month: string, name: string])[] {
  return Array.from({ length: count }, (_, back) => {
    const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back));
    const name = first.toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" });
    return [first.toISOString().slice(0, 7), name] as const;
  });
}

/** Every day of a month with what was spent on it, those without use included. */
export function everyDay(
  month: string,
  days: readonly { day: string; costUsd: number }[],
): { day: string; costUsd: number }[] {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const spent = new Map(days.map(({ day, costUsd }) => [day, costUsd]));
  return Array.from({ length: count }, (_, index) => {
    const day = `${month}-${String(index + 1).padStart(2, "0")}`;
    return { day, costUsd: spent.get(day) ?? 0 };
  });
}
