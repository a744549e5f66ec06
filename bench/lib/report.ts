/** What a figure must reach. A ratio is ours ÷ floor; "at least" is for what should be large. */
export interface Budget {
  readonly of: "ratio" | "value" | "difference";
  readonly bound: "at most" | "at least";
  readonly must: number;
  readonly aim?: number;
}

/** One line of the table. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  /** What `ours` is held against, measured in the same run; null where the budget is absolute. */
  readonly floor: number | null;
  /** null: for information. */
  readonly budget: Budget | null;
}

const shorten = (value: number) =>
  !Number.isFinite(value) ? "?" : value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);

function judged({ ours, floor }: Figure, of: Budget["of"]): number {
  if (of === "value") return ours;
  return of === "ratio" ? ours / (floor ?? Number.NaN) : ours - (floor ?? Number.NaN);
}

function verdict(figure: Figure): string {
  const { budget } = figure;
  if (budget === null) return "";
  const value = judged(figure, budget.of);
  const reaches = (limit: number) => (budget.bound === "at most" ? value <= limit : value >= limit);
  if (!reaches(budget.must)) return "MISSED";
  return budget.aim !== undefined && reaches(budget.aim) ? "reached, and the aim" : "reached";
}

function inWords({ budget, unit }: Figure): string {
  if (budget === null) return "";
  const limit = (value: number) => {
    if (budget.of === "ratio") return `${value}×`;
    return `${budget.of === "difference" ? "+ " : ""}${value} ${unit}`;
  };
  const sign = budget.bound === "at most" ? "≤" : "≥";
  return `${sign} ${limit(budget.must)}${budget.aim === undefined ? "" : ` (aim ${limit(budget.aim)})`}`;
}

function cells(figure: Figure): string[] {
  const { what, unit, ours, floor } = figure;
  return [
    what,
    `${shorten(ours)} ${unit}`,
    floor === null ? "–" : `${shorten(floor)} ${unit}`,
    floor === null ? "–" : `${shorten(ours / floor)}×`,
    inWords(figure),
    verdict(figure),
  ];
}

/** A Markdown table that is also readable in a terminal. */
export function table(figures: readonly Figure[]): string {
  const rows = [["path", "ours", "floor", "ratio", "budget", "verdict"], ...figures.map(cells)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`);
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}
