import { Steering } from "@remote-claude/protocol";

type Limits = Pick<Steering, "budgetUsd" | "stepLimit">;

/** What was typed, as limits; empty means none. A comma is taken for a decimal point. */
export function readLimits(budget: string, steps: string): Limits | { error: string } {
  const typed = {
    budgetUsd: numberIn(budget.replace(",", ".").replace("$", "")),
    stepLimit: numberIn(steps),
  };
  const limits = Steering.pick({ budgetUsd: true, stepLimit: true }).safeParse(typed);
  if (limits.success) return limits.data;
  const field = limits.error.issues[0]?.path[0] === "budgetUsd" ? "budget" : "steps";
  return {
    error:
      field === "budget"
        ? "The budget is an amount between 0.01 and 100,000, or empty."
        : "The steps are a whole number between 1 and 1000, or empty.",
  };
}

function numberIn(text: string): number | null {
  return text.trim() === "" ? null : Number(text.trim());
}
