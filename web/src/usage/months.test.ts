import { describe, expect, it } from "vitest";
import { everyDay, recentMonths } from "./months.ts";

describe("months", () => {
  it("go back over the turn of the year", () => {
    expect(recentMonths(new Date("2026-02-28T23:59:59Z"), 3)).toEqual([
      ["2026-02", "February 2026"],
      ["2026-01", "January 2026"],
      ["2025-12", "December 2025"],
    ]);
  });

  it("have every day, in leap years too", () => {
    const days = everyDay("2028-02", [{ day: "2028-02-29", costUsd: 2 }]);
    expect(days).toHaveLength(29);
    expect(days.at(0)).toEqual({ day: "2028-02-01", costUsd: 0 });
    expect(days.at(-1)).toEqual({ day: "2028-02-29", costUsd: 2 });
  });
});
