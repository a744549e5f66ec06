import type { Effort, OfferedModel } from "@remote-claude/protocol";

/** Claude Code's own choice of model has no value; a radio needs one. */
export const defaultModel = "default";
/** The model's own effort, likewise. */
export const defaultEffort = "default";

export const effortTexts: Readonly<Record<Effort, string>> = {
  low: "Low",
  medium: "Medium",
  high: "High",
  xhigh: "Extra high",
  max: "Maximum",
};

/** What stands on the button: the model, and the effort where somebody chose one. */
export function modelLabel(
  models: readonly OfferedModel[] | undefined,
  model: string,
  effort: Effort | null,
): string {
  const known = findModel(models, model)?.displayName.replace(/ \(recommended\)$/, "");
  const name = known ?? (model === defaultModel ? "Default model" : model);
  return effort === null ? name : `${name} · ${effortTexts[effort].toLowerCase()}`;
}

/** The row of a model, by its own name or by that of the model behind it. */
export function findModel(
  models: readonly OfferedModel[] | undefined,
  model: string,
): OfferedModel | undefined {
  return models?.find(({ value }) => value === model) ?? models?.find(({ resolved }) => resolved === model);
}
