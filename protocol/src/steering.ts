import * as z from "zod";

/** How much Claude puts into an answer. Not every model knows every level; Claude Code then takes the nearest. */
export const Effort = z.enum(["low", "medium", "high", "xhigh", "max"]);
export type Effort = z.infer<typeof Effort>;

/** What a conversation is told beside model and permission mode. */
export const Steering = z.object({
  /** null: the model's own. */
  effort: Effort.nullable(),
  /** false: Claude answers without thinking first, where the model can. */
  thinking: z.boolean(),
  /** Model requests that one turn may take; null: as many as it needs. */
  stepLimit: z.int("a whole number").min(1, "at least 1").max(1000, "at most 1000").nullable(),
  /** What the conversation may cost in all; null: what its owner's budget leaves. */
  budgetUsd: z.number().min(0.01, "at least 0.01").max(100_000, "at most 100,000").nullable(),
});
export type Steering = z.infer<typeof Steering>;

export const defaultSteering: Steering = { effort: null, thinking: true, stepLimit: null, budgetUsd: null };

/** What is not named stays as it is. */
export type SteeringChange = { readonly [Name in keyof Steering]?: Steering[Name] | undefined };

/** What a change, or an entry of the journal, says of the steering comes on top of what held before. */
export function steered(before: Steering, change: SteeringChange): Steering {
  const { effort, thinking, stepLimit, budgetUsd } = change;
  return {
    effort: effort === undefined ? before.effort : effort,
    thinking: thinking ?? before.thinking,
    stepLimit: stepLimit === undefined ? before.stepLimit : stepLimit,
    budgetUsd: budgetUsd === undefined ? before.budgetUsd : budgetUsd,
  };
}
