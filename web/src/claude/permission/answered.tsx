"use client";

import { formatMoment } from "../../lib/format.ts";
import { modeTexts } from "../composer/modes.ts";
import type { PermissionQuestion } from "../model/items.ts";
import { scopeTexts } from "./scopes.ts";

type Answer = NonNullable<PermissionQuestion["answer"]>;

const decisions = {
  allow: "Allowed",
  "allow-for-session": "Allowed for this session",
  "allow-always": "Always allowed",
  deny: "Denied",
  withdrawn: "Not answered before the turn ended",
} as const;

function wordOf(toolName: string, { decision, stop }: Answer): string {
  if (decision === "deny" && stop === true) return "Denied and stopped";
  if (toolName === "AskUserQuestion")
    return decision === "allow" ? "Answered" : decision === "deny" ? "Skipped" : decisions[decision];
  if (toolName !== "ExitPlanMode") return decisions[decision];
  return decision === "allow" ? "Approved" : decision === "deny" ? "Sent back" : decisions[decision];
}

/** Who answered, when, and what came of it. */
export function Answered({ toolName, answer }: { toolName: string; answer: Answer }) {
  const { by, at, message, rules, scope, mode, changed } = answer;
  return (
    <p className="mt-1 whitespace-pre-wrap text-[11px] text-muted-foreground [overflow-wrap:anywhere]">
      {wordOf(toolName, answer)}
      {changed && ", changed"}
      {by !== null && ` by ${by.name}`}
      {at !== undefined && (
        <>
          , <time dateTime={at}>{formatMoment(at)}</time>
        </>
      )}
      {mode !== undefined && `: ${modeTexts[mode].label.toLowerCase()}`}
      {rules !== undefined && rules.length > 0 && (
        <>
          , by the rule{rules.length > 1 && "s"}{" "}
          <code className="claude-mono text-[11px]">{rules.join(", ")}</code>
          {scope !== undefined && scope !== "session" && ` (${scopeTexts[scope].label.toLowerCase()})`}
        </>
      )}
      {message !== null && message !== "" && `: “${message}”`}
    </p>
  );
}
