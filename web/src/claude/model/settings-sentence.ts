import { type ChatEventOf, defaultSteering, type Steering, steered } from "@remote-claude/protocol";
import { formatUsd } from "../../lib/format.ts";
import { effortTexts } from "../steering/models.ts";
import { plural } from "./tool-text.ts";

/** What an entry says of the settings. */
export type Configured = Omit<ChatEventOf<"configured">, "kind" | "by">;

const modes: Readonly<Record<string, string>> = {
  default: "ask before changes",
  acceptEdits: "accept edits",
  plan: "plan",
  auto: "auto",
  bypassPermissions: "ask nothing",
};

/** What a person reads of a change of settings; null where nothing is another. */
export function settingsSentence(
  { model, permissionMode, by, ...change }: ChatEventOf<"configured">,
  before: Configured | null,
): string | null {
  const changes: string[] = [];
  if (permissionMode !== (before?.permissionMode ?? "default"))
    changes.push(`Mode: ${modes[permissionMode] ?? permissionMode}`);
  if (model !== (before?.model ?? null)) changes.push(`Model: ${model ?? "Claude Code's default"}`);
  changes.push(...steeringChanges(steered(defaultSteering, before ?? {}), steered(defaultSteering, change)));
  if (changes.length === 0) return null;
  return `${changes.join(" · ")}${by === null ? "" : ` (${by.name})`}`;
}

function steeringChanges(before: Steering, after: Steering): string[] {
  const changes: string[] = [];
  if (after.effort !== before.effort)
    changes.push(
      `Effort: ${after.effort === null ? "the model's own" : effortTexts[after.effort].toLowerCase()}`,
    );
  if (after.thinking !== before.thinking) changes.push(`Thinking: ${after.thinking ? "on" : "off"}`);
  if (after.budgetUsd !== before.budgetUsd)
    changes.push(after.budgetUsd === null ? "No budget" : `Budget: ${formatUsd(after.budgetUsd)}`);
  if (after.stepLimit !== before.stepLimit)
    changes.push(
      after.stepLimit === null ? "No limit of steps" : `At most ${plural(after.stepLimit, "step")} a turn`,
    );
  return changes;
}
